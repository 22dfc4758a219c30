"""One HTML file of a whole log folder: graphs, scalars, histograms, text, without a server."""

import base64
import gzip
import json
import re

import pytest

import graphflow as tf
from graphflow.cli import main
from graphflow.viewer.offline import CHARTS, log_page, page
from graphflow.viewer.packed import unpacked
from graphflow.viewer.runs import RunStore
from tools.chromium import Chromium, program


@pytest.fixture
def logs(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.matmul(tf.ones([2, 2], name="a"), tf.ones([2, 2], name="b"), name="product")
    for run in ("first", "second"):
        with tf.summary.FileWriter(str(tmp_path / "logs" / run), graph) as writer:
            for step in range(5):
                value = float("nan") if step == 2 else float(step)
                writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=value)]), step)
    return tmp_path / "logs"


def read(text):
    return json.loads(gzip.decompress(base64.b64decode(json.loads(re.search(r'id="gf-data">(.*?)</script>', text)[1]))))


def store_of(path):
    store = RunStore(path)
    store.refresh()
    return store


def test_a_log_folder_goes_into_one_file(logs, tmp_path, capsys):
    assert main(["draw", str(logs), str(tmp_path / "logs.html")]) == 0
    data = read((tmp_path / "logs.html").read_text(encoding="utf-8"))
    assert [run["name"] for run in data["runs"]["runs"]] == ["first", "second"]
    first, second = (run["graphs"][0]["id"] for run in data["runs"]["runs"])
    assert data["graphs"][second] == first  # the same graph is held once
    assert data["graphs"][first]["ops"]
    series = unpacked(base64.b64decode(data["scalars"]))["series"]
    assert [[str(v) for v in one["value"]] for one in series] == [["0.0", "1.0", "nan", "3.0", "4.0"]] * 2


def test_the_chart_library_is_in_the_file_only_where_it_is_needed(logs):
    with_scalars, graph_alone = log_page(store_of(logs)), page(b"")
    for name in CHARTS:
        assert f'id="gf-asset-{name}"' in with_scalars and f'id="gf-asset-{name}"' not in graph_alone


def test_an_empty_folder_is_told_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["draw", str(tmp_path / "empty"), str(tmp_path / "x.html")]) == 1
    assert "nothing to show" in capsys.readouterr().err and not (tmp_path / "x.html").exists()



@pytest.mark.browser
@pytest.mark.skipif(program() is None, reason="Chromium is not installed")
def test_scalars_are_drawn_without_a_server(logs, tmp_path):
    (tmp_path / "logs.html").write_text(log_page(store_of(logs)), encoding="utf-8")
    with Chromium() as browser:
        browser.open((tmp_path / "logs.html").as_uri() + "#view=scalars")
        browser.wait("document.querySelector('[data-tag=loss][data-drawn] canvas')")
        assert "not drawn: 1 NaN" in browser.ask("document.querySelector('[data-tag=loss] .plot').getAttribute('aria-label')")
        assert [u for u in browser.requests if not u.startswith(("file:", "blob:", "data:"))] == []
        browser.ask("HTMLAnchorElement.prototype.click = function () { window.saved = this.download; }")
        browser.ask("[...document.querySelectorAll('[data-tag=loss] .exports button')].find(e => e.textContent === 'CSV').click()")
        assert browser.ask("window.saved") == "loss.csv"
        browser.click("[data-view=graph]")
        browser.wait("document.querySelector('[data-label=product]')")
        assert not browser.problems


FRAME = """
history.replaceState = history.pushState = () => { throw new DOMException("cannot be created in a document with origin 'null'"); };
Object.defineProperty(window, "sessionStorage", { get: () => { throw new DOMException("the document is sandboxed"); } });
"""


@pytest.mark.browser
@pytest.mark.skipif(program() is None, reason="Chromium is not installed")
def test_a_notebooks_frame_has_neither_address_nor_storage_and_works(logs, tmp_path):
    (tmp_path / "logs.html").write_text(log_page(store_of(logs)), encoding="utf-8")
    with Chromium() as browser:
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=FRAME)
        browser.open((tmp_path / "logs.html").as_uri())
        browser.wait("document.querySelector('[data-label=product]')")
        browser.click("[data-label=product]")
        browser.wait("document.querySelector('#card h2')?.textContent === 'product'")
        browser.click("[data-view=scalars]")
        browser.wait("document.querySelector('[data-tag=loss][data-drawn] canvas')")
        assert "Failed" not in browser.ask("document.getElementById('status').textContent")
        assert not browser.problems
