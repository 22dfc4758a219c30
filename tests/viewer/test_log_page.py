"""One HTML file of a whole log folder: graphs, scalars, histograms, text, without a server."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

import graphflow as tf
from graphflow.cli import main
from graphflow.formats.png import encode_png
from graphflow.formats.wav import encode_wav
from graphflow.viewer.offline import CHARTS, log_page, page
from graphflow.viewer.packed import unpacked
from graphflow.viewer.runs import RunStore
from tests.viewer.logs import NAME, hparams_session, scalars, summary, tensor, text, write
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
        browser.wait("window.saved")          # the file is made of all points, which may be fetched first
        assert browser.ask("window.saved") == "loss.csv"
        browser.click("[data-view=graph]")
        browser.wait("document.querySelector('[data-label=product]')")
        assert not browser.problems


@pytest.fixture
def everything(tmp_path):
    """Two runs with graphs that differ, pictures, sounds, texts, histograms, hyperparameters and profiles."""
    folder = tmp_path / "all"
    for run, layers in (("first", 2), ("second", 3)):
        with tf.Graph().as_default() as graph, tf.Session() as session:
            x = fed = tf.placeholder(tf.float32, [4, 4], name="x")
            for i in range(layers):
                x = tf.matmul(x, x, name=f"layer{i}")
            with tf.summary.FileWriter(str(folder / run), graph) as writer:
                for step in range(2):
                    noted = tf.RunMetadata()
                    full = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
                    session.run(x, {fed: np.ones([4, 4])}, options=full, run_metadata=noted)
                    writer.add_run_metadata(noted, f"step_{step}", step)
    png, wav = encode_png(np.full((6, 8, 3), 90, np.uint8)), encode_wav(np.zeros((100, 1)), 8000)
    records = [
        summary(step, tensor("batch", np.array([b"8", b"6", png, png], object), "images"),
                tensor("tone", np.array([[wav, b"low"]], object), "audio"),
                tensor("w", np.array([[0.0, 1.0, 3.0], [1.0, 2.0, 4.0]]), "histograms"))
        for step in range(3)
    ]  # fmt: skip
    write(folder / "data" / NAME, *records, text("notes", "# A *title*"), summary(0, hparams_session({"rate": 0.1})), scalars(1, loss=1.0))
    return folder


@pytest.mark.browser
@pytest.mark.skipif(program() is None, reason="Chromium is not installed")
def test_pictures_sounds_texts_profiles_and_a_comparison_are_in_the_file(everything, tmp_path):
    (tmp_path / "all.html").write_text(log_page(store_of(everything)), encoding="utf-8")
    pages = {
        "images": "[...document.querySelectorAll('.item img')].filter(e => e.naturalWidth === 8).length === 2",
        "audio": "document.querySelector('audio[src^=data]')",
        "text": "document.querySelector('.markdown h1 em')?.textContent === 'title'",
        "histograms": "document.querySelectorAll('.ridge').length === 3",
        "hparams": "document.querySelector('.hparams tbody tr')?.innerText.includes('0.1')",
        "profile": "document.querySelector('.profile .span') && document.querySelector('.facts').innerText.includes('2 steps')",
        "diff": "document.querySelector('.changes')?.innerText.includes('layer2')",
    }  # fmt: skip
    with Chromium() as browser:
        for view, there in pages.items():
            browser.open("about:blank")
            browser.problems.clear()
            browser.open((tmp_path / "all.html").as_uri() + f"#view={view}")
            browser.wait(there)
            assert not browser.problems, view
            assert [u for u in browser.requests if not u.startswith(("file:", "blob:", "data:", "about:"))] == []


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
