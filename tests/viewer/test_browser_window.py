# ruff: noqa: E501 - what runs in the page is easier to read on long lines
"""Pages in windows of other sizes, on paper, and for those who do not see them: headless Chromium."""

import xml.etree.ElementTree as ET

import pytest

from graphflow.formats.record import frame
from tests.viewer.logs import NAME, scalars, write
from tests.viewer.test_browser import opened, serving
from tests.viewer.test_browser_graph import diamond
from tests.viewer.test_browser_log import CHOOSE, kinds  # noqa: F401 - a fixture
from tests.viewer.test_server import running
from tools.chromium import Chromium, program
from tools.viewer_graphs import block, scoped

pytestmark = [pytest.mark.browser, pytest.mark.skipif(program() is None, reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for run in ("train", "eval"):
        write(folder / run / NAME, frame(block(4, scoped(300))), *(scalars(i, **{"loss/a": 1.0 / (i + 1), "loss/b": float(i), "rate": 0.1}) for i in range(40)))
    return folder


def size(browser, width, height):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)


def test_a_picture_that_was_fitted_is_fitted_again_when_the_window_changes():
    with serving(diamond()) as server, Chromium() as browser:
        opened(browser, server, "#view=graph&x=")
        browser.wait("document.querySelectorAll('.box').length === 5")
        inside = """(() => { const c = document.getElementById('canvas').getBoundingClientRect(); return [...document.querySelectorAll('.box')].every(e => {
            const r = e.getBoundingClientRect(); return r.left >= c.left && r.right <= c.right && r.top >= c.top && r.bottom <= c.bottom; }); })()"""
        assert browser.ask(inside)
        for width, height in ((1000, 620), (1600, 1000)):
            size(browser, width, height)
            browser.wait(inside)
        assert browser.ask("document.querySelector('.picture g').getScreenCTM().a") > 0.9  # large again where there is room


@pytest.mark.parametrize("view", ["scalars", "images", "text", "hparams", "pr", "custom", "other"])
def test_at_twice_the_zoom_the_pages_of_a_log_can_be_reached(kinds, view):  # noqa: F811
    """A window of 1400 x 900 has half of that in the page's pixels then."""
    with running(kinds) as server, Chromium(700, 450) as browser:
        browser.open(server.url + f"#view={view}")
        browser.wait("document.querySelector('#data-view')?.innerText.trim()")
        browser.wait("document.querySelector('#views button[aria-selected=true]')")
        assert browser.ask("document.documentElement.scrollWidth") <= 700
        wide = "[...document.querySelectorAll('#data-view :is(input, select, button, figure.chart)')].filter(e => !e.closest('.wide, details:not([open])') && e.getBoundingClientRect().width).every(e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= 700; })"
        assert browser.ask(wide)
        assert browser.ask("document.querySelector('#runs input[type=search]').getBoundingClientRect().width > 40")
        assert browser.ask("document.getElementById('data-view').clientHeight > 120")  # something of the data is in sight
        assert not browser.problems


@pytest.mark.parametrize("view", ["graph", "scalars"])
def test_what_is_printed_fits_the_paper_and_leaves_the_controls_out(logs, view):
    with running(logs) as server, Chromium(1400, 900) as browser:
        browser.open(server.url + f"#view={view}")
        browser.wait("document.querySelector('.box')" if view == "graph" else "document.querySelectorAll('[data-drawn] canvas').length === 3")
        size(browser, 718, 1000)  # a sheet of A4 without its margins
        browser.call("Emulation.setEmulatedMedia", media="print")
        drawn = "[...document.querySelectorAll('#data-view .chart, #data-view canvas, #graph-view .picture')].filter(e => e.getBoundingClientRect().width)"
        browser.wait(f"{drawn}.length && {drawn}.every(e => e.getBoundingClientRect().right <= 719 && e.getBoundingClientRect().left >= 0)")
        hidden = "['#views', '#tools', '#runs', '#left', '.bar', 'footer progress'].flatMap(s => [...document.querySelectorAll(s)]).every(e => !e.getBoundingClientRect().height)"
        assert browser.ask(hidden)
        assert browser.ask("getComputedStyle(document.body).backgroundColor") in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        pages = browser.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)["data"]
        assert len(pages) > 2000 and not browser.problems


def test_tabs_and_hits_are_told_to_those_who_do_not_see_them(logs):
    with running(logs) as server, Chromium() as browser:
        opened(browser, server)
        browser.wait("document.querySelector('[data-view=scalars]')")
        tabs = browser.ask("[...document.querySelectorAll('#views [role=tab]')].map(e => [e.getAttribute('aria-selected'), e.tabIndex, document.getElementById(e.getAttribute('aria-controls'))?.getAttribute('role')])")
        assert [tab for tab in tabs if tab[0] == "true"] == [["true", 0, "tabpanel"]]
        assert all(tab == ["false", -1, "tabpanel"] for tab in tabs if tab[0] != "true") and len(tabs) > 1
        browser.ask("document.querySelector('#views [aria-selected=true]').focus()")
        browser.key("ArrowRight")
        browser.wait("document.querySelector('#views [data-view=scalars]').getAttribute('aria-selected') === 'true'")
        browser.click("[data-view=graph]")
        browser.key("/")
        browser.ask(CHOOSE.format("#search", "'op:MatMul'", "input"))
        browser.wait("document.querySelectorAll('#hits [role=option]').length > 1")
        browser.key("ArrowDown")
        active = "document.getElementById(document.getElementById('search').getAttribute('aria-activedescendant'))"
        browser.wait(f"{active}?.getAttribute('role') === 'option' && {active}.getAttribute('aria-selected') === 'true'")
        first = browser.ask(f"{active}.innerText")
        browser.key("ArrowDown")
        browser.wait(f"{active}.innerText !== {first!r}")
        assert browser.ask("document.getElementById('search').getAttribute('aria-expanded')") == "true"


def test_the_clocks_axis_has_dates(logs):
    with running(logs) as server, Chromium() as browser:
        browser.open(server.url + "#view=scalars")
        browser.wait("document.querySelector('[data-tag=rate][data-drawn] canvas')")
        browser.ask(CHOOSE.format(".bar select", "'wall'", "change"))
        browser.ask("HTMLAnchorElement.prototype.click = () => {}; URL.createObjectURL = (blob) => { window.saved = blob.text(); return ''; }")
        browser.wait("performance.getEntriesByType('resource').some(e => e.name.includes('axis=wall') && e.name.includes('tag=rate') && e.responseEnd)")
        browser.ask("new Promise(done => setTimeout(done, 300))")
        browser.ask("[...document.querySelectorAll('[data-tag=rate] .exports button')].find(e => e.textContent === 'SVG').click()")
        browser.wait("window.saved")
        words = [e.text or "" for e in ET.fromstring(browser.ask("window.saved")).iter("{http://www.w3.org/2000/svg}text")]
        assert any(word.startswith("2023-11-1") for word in words) and any(":" in word for word in words), words
