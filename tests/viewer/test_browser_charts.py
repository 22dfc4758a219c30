"""Charts in headless Chromium: smoothing, axes, zoom that stays, what is no number, files, histograms of several runs."""

import math

import pytest

import graphflow as tf
from tests.viewer.test_server import running
from tools.chromium import Chromium, program

pytestmark = [pytest.mark.browser, pytest.mark.skipif(program() is None, reason="Chromium is not installed")]
DRAWN = "document.querySelector('[data-tag=loss][data-drawn] canvas')"
CHOOSE = "(() => {{ const e = document.querySelector('{0}'); e.{1} = {2}; e.dispatchEvent(new Event('{3}')); }})()"
TIP = "document.querySelector('.tip')?.innerText ?? ''"


def scalar(writer, step, **values):
    writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()]), step)


def histogram(low, count):
    return tf.HistogramProto(min=low, max=low + 2, num=count, sum=count * (low + 1), sum_squares=count * (low + 1) ** 2,
                             bucket_limit=[low + 1, low + 2], bucket=[count / 2, count / 2])  # fmt: skip


@pytest.fixture
def logs(tmp_path):
    """Two runs of 50 points; the second has no number at steps 20 to 24."""
    writers = [tf.summary.FileWriter(str(tmp_path / name)) for name in ("first", "second")]
    for run, writer in enumerate(writers):
        for step in range(50):
            loss = math.nan if run and 20 <= step < 25 else 1 / (1 + step + run)
            scalar(writer, step, loss=loss, other=step)
            values = [tf.Summary.Value(tag="w", histo=histogram(step / 10 - run, 100))]
            writer.add_summary(tf.Summary(value=values), step)
        writer.flush()
    yield tmp_path, writers
    for writer in writers:
        writer.close()


@pytest.fixture
def page(logs):
    with running(logs[0], watch=True) as server, Chromium() as browser:
        browser.open(server.url + "#view=scalars")
        browser.wait(DRAWN)
        yield browser, logs[1]
        assert not browser.problems  # the content security policy allows all of it, too


def drag(browser, fraction_from, fraction_to):
    frame = browser.ask("document.querySelector('[data-tag=loss] .u-over').getBoundingClientRect().toJSON()")
    x, y, width, height = (frame[name] for name in ("x", "y", "width", "height"))
    places = [x + width * (fraction_from + (fraction_to - fraction_from) * k / 4) for k in range(5)]
    mouse = {"y": y + height / 2, "button": "left", "clickCount": 1}
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=places[0], y=mouse["y"])
    browser.call("Input.dispatchMouseEvent", type="mousePressed", x=places[0], **mouse)
    for place in places[1:]:
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=place, y=mouse["y"], button="left", buttons=1)
    browser.call("Input.dispatchMouseEvent", type="mouseReleased", x=places[-1], **mouse)


def point(browser, across, down):
    """Moves the pointer to a place of the chart of losses, given as fractions."""
    frame = browser.ask("document.querySelector('[data-tag=loss] .u-over').getBoundingClientRect().toJSON()")
    x, y = frame["x"] + frame["width"] * across, frame["y"] + frame["height"] * down
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)


def test_a_dragged_zoom_stays_over_live_updates_and_reloads(page):
    browser, writers = page
    assert browser.ask("document.querySelector('[data-tag=loss] .head button').hidden")
    drag(browser, 0.2, 0.6)
    browser.wait("!document.querySelector('[data-tag=loss] .head button').hidden")
    kept = "JSON.parse(Object.values(sessionStorage)[0]).zooms['tag loss']"
    zoom = browser.ask(kept)
    assert 8 < zoom[0] < 12 and 27 < zoom[1] < 32
    scalar(writers[0], 50, loss=0.5)
    writers[0].flush()
    browser.wait("document.querySelector('[data-tag=loss] .plot').getAttribute('aria-label').includes('first: 51 points')")
    assert browser.ask(kept) == zoom
    browser.call("Page.reload")
    browser.wait(DRAWN)
    browser.wait("!document.querySelector('[data-tag=loss] .head button').hidden")
    assert browser.ask(kept) == zoom
    browser.click("[data-tag=loss] .head button")
    browser.wait("document.querySelector('[data-tag=loss] .head button').hidden")
    assert browser.ask(kept) is None


def test_smoothing_axes_and_logarithms(page):
    browser, _ = page
    point(browser, 0.99, 0.9)
    browser.wait(f"/smoothed\\s+value/.test({TIP})")
    browser.ask(CHOOSE.format("input[type=range]", "value", 0, "input"))
    point(browser, 0.98, 0.9)
    browser.wait(f"!/smoothed/.test({TIP}) && /0\\.02/.test({TIP})")  # a value as it was written
    browser.ask(CHOOSE.format(".bar select", "value", "'relative'", "change"))
    for box in ("logX", "logY"):
        browser.ask(f"document.querySelector('[data-option={box}]').click()")
    browser.wait("document.querySelector('[data-tag=other] .note').textContent.includes('no place on this axis')")
    browser.call("Page.reload")
    browser.wait(DRAWN)
    assert browser.ask("document.querySelector('.bar select').value") == "relative"
    assert browser.ask("['logX', 'logY'].every(key => document.querySelector(`[data-option=${key}]`).checked)")


def test_a_chart_is_told_in_words_and_walked_by_keys(page):
    browser, _ = page
    label = "document.querySelector('[data-tag=loss] .plot').getAttribute('aria-label')"
    assert "first: 50 points, from 1 to 0.02" in browser.ask(label)
    assert "not drawn: 5 NaN" in browser.ask(label)
    browser.ask("document.querySelector('[data-tag=loss] .plot').focus()")
    browser.key("ArrowRight")
    browser.key("ArrowRight")
    browser.wait(f"{label}.includes('step 1:')")
    browser.key("+")
    browser.wait("!document.querySelector('[data-tag=loss] .head button').hidden")
    browser.ask("document.querySelector('[data-tag=loss] details').open = true")
    browser.wait("document.querySelectorAll('[data-tag=loss] tbody tr').length === 100")
    assert "NaN" in browser.ask("document.querySelector('[data-tag=loss] tbody').innerText")


def test_runs_can_be_left_out_and_differ_by_colour_and_dash(page):
    browser, _ = page
    of = "['stroke', 'stroke-dasharray'].map(name => e.getAttribute(name)).join()"
    looks = browser.ask(f"[...document.querySelectorAll('#runs .swatch line')].map(e => {of})")
    assert len(set(looks)) == 2
    point(browser, 0.5, 0.5)
    browser.wait("document.querySelectorAll('.tip tbody tr').length === 2")
    browser.click("#runs .run input")
    browser.wait("!document.querySelector('[data-tag=loss] .plot').getAttribute('aria-label').includes('first:')")
    point(browser, 0.6, 0.5)
    browser.wait("document.querySelectorAll('.tip tbody tr').length === 1")
    assert browser.ask(f"(e => {of})(document.querySelector('.tip .swatch line'))") == looks[1]  # no colour moved


def test_a_chart_goes_into_an_svg_file(page):
    import xml.etree.ElementTree as ET

    browser, _ = page
    browser.ask("HTMLAnchorElement.prototype.click = () => {}; URL.createObjectURL = (blob) => { window.saved = blob.text(); return ''; }")
    browser.ask("[...document.querySelectorAll('[data-tag=loss] .exports button')].find(e => e.textContent === 'SVG').click()")
    browser.wait("window.saved")
    text = browser.ask("window.saved")
    svg = ET.fromstring(text)
    paths = [e for e in svg.iter("{http://www.w3.org/2000/svg}path") if e.get("stroke-width") == "2" and e.get("clip-path")]
    assert len(paths) == 2 and paths[1].get("d").count("M") == 2  # the second run's line is broken at its gap
    assert "var(" not in text and "NaN</text>" in text and ">second</text>" in text


def test_histograms_of_runs_lie_over_one_another(logs):
    with running(logs[0]) as server, Chromium() as browser:
        browser.open(server.url + "#view=histograms")
        browser.wait("document.querySelector('.ridge')")
        ridges = "[...document.querySelectorAll('[data-tag=w] .ridge')]"
        assert browser.ask(f"[...new Set({ridges}.map(e => e.getAttribute('fill')))].length") == 2
        lines = f"new Set({ridges}.map(e => e.getAttribute('d').split('L')[0].split(',')[1])).size"
        assert browser.ask(lines) == 10
        browser.ask(CHOOSE.format("select[aria-label=Steps]", "value", "'overlay'", "change"))
        assert browser.ask(lines) == 1
        browser.ask(CHOOSE.format("select[aria-label=Bins]", "value", "'tensorflow'", "change"))
        browser.ask("document.querySelector('[data-tag=w] details').open = true")
        browser.wait("document.querySelectorAll('[data-tag=w] tbody tr').length === 4")
        assert not browser.problems


def test_a_profile_stands_beside_its_picture(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.name_scope("layer"):
            x = tf.placeholder(tf.float32, [50, 50], name="x")
            y = tf.matmul(x, x, name="product")
        z = tf.reduce_sum(y, name="total")
        writer = tf.summary.FileWriter(str(tmp_path), session.graph)
        for step in range(3):
            noted = tf.RunMetadata()
            options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            session.run(z, {x: [[1.0] * 50] * 50}, options=options, run_metadata=noted)
            writer.add_run_metadata(noted, f"step_{step}", step)
        writer.close()
    with running(tmp_path) as server, Chromium() as browser:
        browser.open(server.url + "#view=profile")
        browser.wait("document.querySelector('.profile .span') && document.querySelector('#canvas .box')")
        assert "average of 3 steps" in browser.ask("document.querySelector('.facts').innerText")
        browser.wait("/[\\d.]+ µs/.test(document.getElementById('legend').innerText)")
        browser.ask("document.querySelector('.menu:not(#export)').open = true")
        browser.click(".menu:not(#export) input")
        browser.wait("document.querySelector('.facts').innerText.includes('average of 2 steps')")
        browser.ask("[...document.querySelectorAll('.profile td .link')].find(e => e.textContent === 'layer/product').click()")
        browser.wait("document.querySelector('#canvas .box.selected [data-label=product]')")
        assert browser.ask("document.body.dataset.view") == "profile"
        assert not browser.problems


def layers(count):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [4, 4], name="x")
        for i in range(count):
            x = tf.matmul(x, x, name=f"layer{i}")
        return graph


def test_a_comparison_lists_changes_and_leaves_kinds_out(tmp_path):
    for name, count in (("new", 3), ("old", 5)):
        tf.summary.FileWriter(str(tmp_path / name), layers(count)).close()
    with running(tmp_path) as server, Chromium() as browser:
        browser.open(server.url + "#view=diff")
        browser.wait("document.querySelector('.changes')")
        rows = "[...document.querySelectorAll('.changes tbody tr')].map(e => e.innerText.replace(/\\s+/g, ' ').trim()).join('|')"
        assert browser.ask(rows) == "+ added layer3|+ added layer4"  # the graph written last is the new one
        browser.wait("document.querySelectorAll('#canvas .box.diff-added').length === 2")
        browser.click(".changes .link")
        browser.wait("document.querySelector('#canvas .box.selected [data-label=layer3]')")
        assert browser.ask("document.body.dataset.view") == "diff"
        browser.click(".chip")
        browser.wait("!document.querySelector('.changes')")
        browser.click(".chip")
        browser.wait("document.querySelectorAll('.changes tbody tr').length === 2")
        assert not browser.problems


@pytest.mark.parametrize("view", ["scalars", "histograms", "graph"])
def test_nothing_is_wider_than_a_telephone(logs, view):
    with running(logs[0]) as server, Chromium(360, 740) as browser:
        browser.open(server.url + f"#view={view}")
        browser.wait("document.querySelector('#views button')")
        if view != "graph":
            browser.wait("document.querySelector('#data-view .chart')")
        assert browser.ask("document.documentElement.scrollWidth") <= 360
        wide = "[...document.querySelectorAll('#data-view .chart')].every(e => e.getBoundingClientRect().right <= 360)"
        assert browser.ask(wide)
        assert not browser.problems


HOSTILE = ["<img src=x onerror=alert(1)>", "</script><b>bold</b>", "\u202eright to left", "=1+1", "a" * 3000, "%s{0}&amp;", "__proto__"]


def test_hostile_tags_and_runs_are_text_in_every_chart(tmp_path):
    writer = tf.summary.FileWriter(str(tmp_path / "<b>run<"))
    for step in range(3):
        values = [tf.Summary.Value(tag=tag, simple_value=step) for tag in HOSTILE]
        values += [tf.Summary.Value(tag=tag, histo=histogram(step, 10)) for tag in HOSTILE]
        writer.add_summary(tf.Summary(value=values), step)
    writer.close()
    with running(tmp_path) as server, Chromium() as browser:
        for view, inside in (("scalars", "canvas"), ("histograms", ".ridge")):
            browser.open("about:blank")
            browser.open(server.url + f"#view={view}")
            browser.wait(f"document.querySelector('#data-view {inside}')")
            assert browser.ask("document.querySelectorAll('.chart').length") == len(HOSTILE)
            assert browser.ask("document.querySelectorAll('#data-view img, #data-view h3 *, #data-view .keys b b').length") == 0
            heads = browser.ask("[...document.querySelectorAll('.chart h3')].map(e => e.textContent)")
            assert browser.ask("[...document.querySelectorAll('.chart .head > button')].every(e => e.hidden)")  # nothing is zoomed
            assert "<img src=x onerror=alert(1)>" in heads and not any("\u202e" in head for head in heads)
        assert not browser.problems
