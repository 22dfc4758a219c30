"""The page in headless Chromium: search, open, trace, keyboard, deep links, hostile names, offline."""

import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphflow.viewer.load import NamedGraph
from graphflow.viewer.offline import page
from graphflow.viewer.runs import RunStore
from graphflow.viewer.server import ViewServer
from tests.tf_fixtures import ROOT
from tests.viewer.shapes import hostile
from tools.chromium import Chromium, program
from tools.viewer_graphs import chain, scoped

pytestmark = [pytest.mark.browser, pytest.mark.skipif(program() is None, reason="Chromium is not installed")]
READY = "document.body?.hasAttribute('data-graph-ready')"
CNN = (ROOT / "graphs/cnn/graph.pb").read_bytes


@contextmanager
def serving(source):
    store = RunStore(source) if isinstance(source, Path) else RunStore.of_graphs("g", [NamedGraph("graph", source)])
    store.refresh()
    server = ViewServer(store)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with Chromium() as found:
        yield found


@pytest.fixture(scope="module")
def cnn():
    with serving(CNN()) as server:
        yield server


def opened(browser, server, fragment=""):
    browser.open("about:blank")
    browser.problems.clear()
    browser.open(server.url + fragment)
    browser.wait(READY)


def labels(browser):
    return browser.ask("[...document.querySelectorAll('[data-label]')].map(e => e.getAttribute('data-label'))")


def test_the_first_picture_is_readable_and_small(browser, cnn):
    opened(browser, cnn)
    heights = browser.ask(
        "[...document.querySelectorAll('.box [data-label]')].map(e => 14 * document.querySelector('.picture g').getScreenCTM().a)"
    )
    assert len(heights) > 10 and sum(h >= 9 for h in heights) >= 0.8 * len(heights)
    assert browser.ask("document.querySelectorAll('*').length") <= 2500
    own = [
        u for u in browser.requests if "vendor" not in u and not u.startswith(("data:", "blob:", "about:")) and "events" not in u
    ]
    assert len(own) <= 8, own
    assert not browser.problems


def test_open_select_trace_undo_and_card(browser, cnn):
    opened(browser, cnn)
    browser.click("[data-label=garnet]", 2)
    browser.wait("document.querySelector('[data-label=Conv2D]')")
    browser.click("[data-row][aria-level='2']")
    browser.wait("!document.getElementById('card').hidden")
    browser.key("t")
    browser.wait("document.querySelector('.box.traced')")
    browser.key("u")
    browser.wait("!document.querySelector('[data-label=Conv2D]')")
    assert not browser.problems


def test_search_goes_to_an_op_and_opens_the_scopes_on_the_way(browser, cnn):
    opened(browser, cnn)
    browser.key("/")
    browser.type("op:Conv2D haven")
    browser.wait("document.querySelectorAll('.hit').length === 1")
    browser.key("Enter")
    browser.wait("document.querySelector('.box.selected [data-label=Conv2D]')")
    browser.wait("document.querySelector('#card h2')?.textContent === 'Conv2D'")
    assert "haven" in browser.ask("location.hash")


def test_a_deep_link_restores_what_was_open_and_tells_what_is_gone(browser, cnn):
    opened(browser, cnn, "#view=graph&x=garnet%2F&x=gone%2F&sel=garnet%2FConv2D&color=structure")
    assert "Conv2D" in labels(browser)
    browser.wait("document.querySelector('.box.selected [data-label=Conv2D]')")
    assert browser.ask("document.getElementById('color-picker').value") == "structure"


def test_keyboard_alone(browser, cnn):
    opened(browser, cnn)
    browser.key("ArrowDown")
    browser.wait("document.querySelector('.box.selected')")
    first = browser.ask("document.querySelector('.box.selected').dataset.id")
    browser.key("ArrowDown")
    browser.wait(f"document.querySelector('.box.selected').dataset.id !== '{first}'")
    browser.key("h")
    browser.key("c")
    browser.wait("document.getElementById('color-picker').value === 'structure'")
    browser.key("?")
    browser.wait("document.getElementById('help').open")
    browser.key("Escape")
    assert not browser.problems


def test_hostile_names_are_text(browser):
    with serving(hostile()) as server:
        opened(browser, server)
        for group in browser.ask("[...document.querySelectorAll('.box:not(.op)')].map(e => e.dataset.id)"):
            browser.click(f"[data-id='{group}']", 2)
            browser.wait(f"document.querySelector('.cluster[data-id=\"{group}\"]')")
        assert browser.ask("document.querySelectorAll('main script, main b').length") == 0
        assert any("<script>" in label for label in labels(browser))
        assert not browser.problems


@pytest.mark.parametrize(("make", "boxes"), [(lambda: scoped(20_000), 3), (lambda: chain(2000), 5)], ids=["scoped", "chain"])
def test_large_graphs_show_few_boxes(browser, make, boxes):
    with serving(make()) as server:
        opened(browser, server)
        assert boxes <= len(labels(browser)) <= 150
        assert not browser.problems


def test_scalars_histograms_images_text_and_profile_are_shown(browser):
    with serving(ROOT / "events") as server:
        opened(browser, server)
        for view, inside in (
            ("scalars", "canvas"),
            ("histograms", "svg path"),
            ("images", "img"),
            ("text", ".markdown"),
            ("audio", "audio"),
            ("profile", "rect"),
        ):
            browser.click(f"[data-view={view}]")
            browser.wait(f"document.querySelector('#data-view .chart {inside}')")
        assert not browser.problems


def test_an_offline_file_opens_without_any_request(browser, tmp_path):
    (tmp_path / "g.html").write_text(page(CNN()), encoding="utf-8")
    browser.problems.clear()
    browser.open((tmp_path / "g.html").as_uri())
    browser.wait(READY)
    assert [u for u in browser.requests if not u.startswith(("file:", "blob:", "data:"))] == []
    browser.click("[data-label=garnet]", 2)
    browser.wait("document.querySelector('[data-label=Conv2D]')")
    assert not browser.problems
