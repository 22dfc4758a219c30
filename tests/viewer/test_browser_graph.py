# ruff: noqa: E501 - scripts that run in the page are easier to read on long lines
"""The graph page in headless Chromium: the address and Back, paths, hiding, pulling aside, undo, keys, pinching, live files."""

import itertools
import json
import time

import pytest

from graphflow.formats.record import frame
from tests.viewer.test_browser import READY, labels, opened, serving
from tests.viewer.test_server import running, scalar
from tools.chromium import Chromium, program
from tools.viewer_graphs import block, node, scoped

pytestmark = [pytest.mark.browser, pytest.mark.skipif(program() is None, reason="Chromium is not installed")]
NUMBERS = itertools.count()


def diamond():
    """x -> left/ -> out and x -> right/ -> out, and a loner."""
    out = [node("x", "Placeholder")]
    for side in ("left", "right"):
        out += [node(f"{side}/mul", "Mul", ["x", "x"]), node(f"{side}/add", "AddV2", [f"{side}/mul", "x"]),
                node(f"{side}/act", "Relu", [f"{side}/add"]), node(f"{side}/end", "Tanh", [f"{side}/act"])]  # fmt: skip
    return b"".join([*out, node("out", "AddN", ["left/end", "right/end"]), node("loner", "Softmax", ["out"])])


@pytest.fixture(scope="module")
def browser():
    with Chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server():
    with serving(diamond()) as found:
        yield found


@pytest.fixture
def page(browser, server):
    """The diamond with both sides closed."""
    opened(browser, server, "#view=graph&x=")
    browser.wait("document.querySelectorAll('.box').length === 5 && document.querySelector('#crumbs button')")
    yield browser
    assert not browser.problems


def box(label):
    return f".box:has([data-label={json.dumps(label)}])"


def fragment(browser):
    return browser.ask("[...new URLSearchParams(location.hash.slice(1))].map(([a, b]) => a + '=' + b)")


def status(browser):
    return browser.ask("document.getElementById('status').textContent")


def test_back_and_forward_walk_through_what_was_done(page):
    page.click(box("left"), 2)
    page.wait("document.querySelector('[data-label=act]')")
    page.click(box("right"), 2)
    page.wait("document.querySelectorAll('[data-label=act]').length === 2")
    page.wait("new URLSearchParams(location.hash.slice(1)).getAll('x').length === 2")
    page.ask("history.back()")
    page.wait("document.querySelectorAll('[data-label=act]').length === 1")
    page.ask("history.back()")
    page.wait("!document.querySelector('[data-label=act]')")
    page.ask("history.forward()")
    page.wait("document.querySelectorAll('[data-label=act]').length === 1")
    assert "x=left/" in fragment(page) and "x=right/" not in fragment(page)


def test_moving_the_camera_makes_no_step_back_and_a_link_brings_it(page, server):
    length = page.ask("history.length")
    page.ask("document.getElementById('canvas').dispatchEvent(new WheelEvent('wheel', {deltaY: -400, clientX: 700, clientY: 400, bubbles: true, cancelable: true}))")
    page.wait("location.hash.includes('cam=')")
    assert page.ask("history.length") == length
    link, where = page.ask("location.hash"), page.ask("document.querySelector('.stage').style.transform")
    page.click(box("left"))
    page.wait("location.hash.includes('sel=left')")
    assert page.ask("history.length") == length
    opened(page, server, link)
    page.wait(f"document.querySelector('.stage').style.transform.slice(0, 12) === {json.dumps(where[:12])}")


def test_a_link_holds_all_of_the_state(page, server):
    page.click(box("left"), 2)
    page.wait("document.querySelector('[data-label=act]')")
    page.click(box("act"))
    page.key("h")
    page.wait("!document.querySelector('[data-label=act]')")
    page.click(box("loner"))
    page.key("a")
    page.wait("document.querySelector('#shelf button')")
    page.click(box("x"))
    page.key("t")
    page.wait("location.hash.includes('trace=in')")
    page.key("c")
    page.key("/")
    page.type("op:tanh")
    page.wait("location.hash.includes('q=op') && location.hash.includes('color=structure')")
    link, parts = page.ask("location.hash"), sorted(fragment(page))
    assert {"x=left/", "hide=left/act", "out=loner", "sel=x", "color=structure", "trace=in", "from=x", "q=op:tanh"} <= set(parts)
    opened(page, server, link)
    page.wait("document.querySelector('.box.selected')")
    page.wait("document.querySelector('.box.traced')")
    page.wait("document.querySelectorAll('.hit').length === 2")
    assert "act" not in labels(page) and "loner" not in labels(page)
    assert sorted(fragment(page)) == parts


def test_a_link_to_another_build_keeps_what_is_there_and_tells_the_rest(page, server):
    opened(page, server, "#graph=r00000000.3&x=left%2F&x=middle%2F&sel=left%2Fgone&hide=right%2F&color=dtype")
    page.wait("document.getElementById('status').textContent.includes('middle/')")
    told = status(page)
    assert "left/gone" in told and "graph of this link" in told and "right/" not in told
    assert "act" in labels(page) and "right" not in labels(page)
    assert page.ask("document.getElementById('color-picker').value") == "dtype"
    assert not any("gone" in part or "middle" in part for part in fragment(page))


def test_a_path_between_two_nodes(page):
    page.click(box("x"))
    page.wait("location.hash.includes('sel=x')")
    page.click(box("left"), shift=True)
    page.wait("document.querySelectorAll('.box.traced').length === 2")
    traced = "[...document.querySelectorAll('.box.traced [data-label]')].map(e => e.dataset.label)"
    assert page.ask(traced) == ["x", "left"] and "lie between" in status(page)
    page.key("Escape")
    page.wait("!document.querySelector('.traced')")
    page.key("b")
    page.click(box("loner"))
    page.wait("document.querySelectorAll('.box.traced').length === 5")
    page.click(box("right"))
    page.key("b")
    page.click(box("left"))
    page.wait("document.getElementById('status').textContent.includes('No way')")


def test_only_what_is_traced_and_only_neighbours_and_only_a_group(page):
    page.click(box("left"))
    page.key("t")
    page.wait("document.querySelector('.box.traced')")
    page.key("i")
    page.wait("document.querySelectorAll('.box').length === 2")
    page.key("u")
    page.wait("document.querySelectorAll('.box').length === 5")
    page.key("Escape")
    page.wait("!document.querySelector('.traced')")
    page.click(box("loner"))
    page.wait("document.querySelector('.box.selected [data-label=loner]')")
    page.key("i")
    page.wait("document.querySelectorAll('.box').length === 2")
    page.key("u")
    page.wait("document.querySelectorAll('.box').length === 5")
    page.click(box("left"))
    page.wait("document.querySelector('.box.selected [data-label=left]')")
    page.key("i")
    page.wait("document.querySelectorAll('.box').length === 4 && document.querySelector('[data-label=act]')")
    page.wait("document.getElementById('crumbs').textContent === 'graph / left'")
    page.key("Backspace")
    page.wait("document.querySelector('[data-label=loner]')")


def test_hiding_by_query_and_showing_again(page):
    page.click(box("left"), 2)
    page.wait("document.querySelector('[data-label=act]')")
    page.key("/")
    page.type("op:Relu")
    page.wait("document.querySelector('#hits [role=status] button')")
    page.click("#hits [role=status] button")
    page.wait("!document.querySelector('[data-label=act]') && document.querySelector('[data-label=end]')")
    assert "hq=op:Relu" in fragment(page)
    page.click("#shelf button")
    page.wait("document.querySelector('[data-label=act]')")


def test_pulled_out_brought_back_undone_and_redone(page):
    page.click(box("left"))
    page.wait("!document.getElementById('card').hidden")
    page.key("a")
    page.wait("!document.querySelector('[data-label=left]') && document.querySelector('#shelf button')")
    page.key("u")
    page.wait("document.querySelector('[data-label=left]')")
    page.key("U")
    page.wait("!document.querySelector('[data-label=left]')")
    page.click("#shelf button")
    page.key("a")
    page.wait("document.querySelector('[data-label=left]')")


def test_dot_goes_through_the_boxes_of_one_group_and_tab_leaves_the_picture(page):
    page.click(box("left"), 2)
    page.wait("document.querySelector('[data-label=act]')")
    page.ask("document.getElementById('canvas').focus()")
    page.click(box("mul"))
    seen = []
    for _ in range(3):
        page.key(".")
        time.sleep(0.05)
        seen.append(page.ask("document.querySelector('.selected [data-label]').dataset.label"))
    assert seen == ["add", "act", "end"]
    page.key(",")
    page.wait("document.querySelector('.selected [data-label]').dataset.label === 'act'")
    page.key("Tab")
    page.wait("document.activeElement.id !== 'canvas'")


def test_groups_that_no_name_makes_can_be_left_out(page):
    inferred = "document.querySelectorAll('[data-id]').length"
    before = page.ask(inferred)
    page.key("g")
    page.wait("document.querySelector('[data-act=regroup]').getAttribute('aria-pressed') === 'false'")
    assert "flat=1" in page.ask("location.hash")
    page.key("g")
    page.wait("document.querySelector('[data-act=regroup]').getAttribute('aria-pressed') === 'true'")
    assert page.ask(inferred) == before and "flat" not in page.ask("location.hash")


def test_the_outline_is_a_tree_for_arrow_keys(page):
    page.ask("document.getElementById('outline').focus()")
    chosen = "document.querySelector('#outline [aria-selected=true] .name')?.textContent"
    page.key("ArrowDown")
    page.key("ArrowDown")
    page.wait(f"{chosen} === 'left'")
    page.wait("document.getElementById('status').textContent.startsWith('left, scope')")
    page.key("ArrowRight")
    page.wait("document.querySelector('#outline [aria-expanded=true]')")
    page.key("ArrowRight")
    page.wait(f"{chosen} === 'mul'")
    page.key("ArrowLeft")
    page.wait(f"{chosen} === 'left'")
    page.key("ArrowLeft")
    page.wait("!document.querySelector('#outline [aria-expanded=true]')")


def test_two_fingers_zoom_where_they_are(page):
    scale = "new DOMMatrix(getComputedStyle(document.querySelector('.stage')).transform).a"
    before = page.ask(scale)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
    page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": 690, "y": 450}, {"x": 710, "y": 450}])
    for spread in (20, 40, 60):
        page.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": 690 - spread, "y": 450}, {"x": 710 + spread, "y": 450}])
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)
    page.wait(f"{scale} > {before * 3}")


def test_the_legend_lists_only_what_is_on_the_screen(page):
    words = "[...document.querySelectorAll('#legend span')].map(e => e.textContent)"
    page.wait(f"{words}.includes('input') && {words}.includes('Softmax')")
    page.click(box("x"))
    page.wait("document.querySelector('.box.selected')")
    for _ in range(9):
        page.ask(
            "(() => { const r = document.querySelector('.box.selected').getBoundingClientRect();"
            "document.getElementById('canvas').dispatchEvent(new WheelEvent('wheel', {deltaY: -200, clientX: r.x + r.width / 2, clientY: r.y + r.height / 2, bubbles: true, cancelable: true})); })()"
        )
    page.wait(f"{words}.includes('input') && !{words}.includes('Softmax')")


def test_brackets_go_through_the_runs_and_n_and_p_through_changes(browser, tmp_path):
    for run, graph in (("one", diamond()), ("two", diamond() + node("more", "Neg", ["out"]))):
        (tmp_path / run).mkdir()
        (tmp_path / run / "events.out.tfevents.1").write_bytes(frame(block(4, graph)))
    with running(tmp_path) as server:
        opened(browser, server)
        assert "more" not in labels(browser)
        browser.key("]")
        browser.wait("document.querySelector('[data-label=more]')")
        browser.key("[")
        browser.wait("!document.querySelector('[data-label=more]')")
        browser.key("d")
        browser.wait("document.querySelector('#data-view button.link, #data-view td button')")
        ids = browser.ask("[...document.querySelectorAll('#graph-picker option')].map(e => e.value)")
        opened(browser, server, f"#view=graph&graph=diff%3A{ids[0]}%3A{ids[1]}")
        browser.key("n")
        browser.wait("document.getElementById('status').textContent.startsWith('change 1 of')")
        browser.wait("document.querySelector('.box.selected.diff-added')")
        browser.key("p")
        browser.wait("document.getElementById('status').textContent.startsWith('change ')")
        assert not browser.problems


def test_a_new_graph_is_there_within_a_second_and_the_camera_stays(browser, tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(frame(block(4, diamond())))
    with running(tmp_path, watch=True) as server:
        opened(browser, server)
        camera = browser.ask("document.querySelector('.stage').style.transform")
        browser.wait("performance.getEntriesByType('resource').length >= 0")
        time.sleep(0.3)
        with path.open("ab") as file:
            file.write(frame(block(4, scoped(300))) + scalar(1, 0.5))
        assert browser.wait("document.querySelectorAll('#graph-picker option').length === 2", 5) < 1
        browser.wait("document.querySelector('[data-view=scalars]')")
        assert browser.ask("document.querySelector('.stage').style.transform") == camera
        path.unlink()
        browser.wait("document.getElementById('notes').textContent.includes('vanished')", 5)
        (tmp_path / "other").mkdir()
        (tmp_path / "other/events.out.tfevents.2").write_bytes(frame(b"\xff") * 3 + scalar(1, 0.5))
        browser.wait("document.getElementById('notes').textContent.includes('3 bad records')", 5)
        assert not browser.problems


def test_the_first_picture_is_up_before_anything_else_is_asked_for(browser, server):
    opened(browser, server)
    asked = [url for url in browser.requests if "/api/" in url and not url.endswith("events")]
    assert READY and asked == []


def test_at_twice_the_zoom_everything_can_be_reached(server):
    """A window of 1400 x 900 has half of that in the page's pixels then."""
    with Chromium(700, 450) as small:
        opened(small, server, "#view=graph&x=")
        small.wait("document.querySelectorAll('.box').length === 5")
        inside = "const r = e.getBoundingClientRect(); return r.width > 0 && r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight"
        for what in ("#tools button", "#tools summary", "#graph-picker", "#color-picker", "#link-button", "#theme", "#help-button", "#search",
                     "#views button", "#crumbs button", "#legend", "#minimap", "#status"):  # fmt: skip
            found = small.ask(f"[...document.querySelectorAll({what!r})].map((e) => {{ {inside} }})")
            assert found and all(found), what
        small.click("#search")
        small.wait("document.getElementById('outline').offsetHeight > 30")
        small.click("#outline .name")
        small.wait("!document.getElementById('card').hidden && document.querySelector('#card h2')")
        assert small.ask("document.documentElement.scrollWidth") <= 700
