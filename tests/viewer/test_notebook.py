"""A graph in a notebook's cell: small, the viewer shared, a still picture where no script runs."""

import sys
import time
import types

import pytest

from graphflow.viewer import notebook
from graphflow.viewer.notebook import graph_html, graphs_html, viewer_html
from graphflow.viewer.path_graphs import graphs_of
from tests.tf_fixtures import ROOT
from tests.viewer.shapes import SHAPES
from tools.chromium import Chromium, program

CNN = ROOT / "graphs/cnn/graph.pb"
WHOLE = 500_000        # characters; the viewer is larger


def test_a_cell_is_small_and_holds_no_viewer():
    cell = graph_html(CNN.read_bytes())
    assert len(cell) < 150_000 and "allow-same-origin" not in cell
    assert len(viewer_html()) > WHOLE
    assert len(graphs_html(graphs_of(CNN) * 3)) < 150_000


def test_where_each_cell_is_a_page_of_its_own_each_has_the_viewer(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert len(graph_html(CNN.read_bytes())) > WHOLE


def test_a_kernel_sends_the_viewer_to_its_notebook_once(monkeypatch):
    sent = []
    kernel = types.SimpleNamespace(HTML=str, display=sent.append)
    for name in ("ipykernel", "IPython", "IPython.display"):
        monkeypatch.setitem(sys.modules, name, kernel)
    monkeypatch.setattr(notebook, "_published", False)
    cells = [graph_html(CNN.read_bytes()) for _ in range(3)]
    assert sent == [viewer_html()] and max(map(len, cells)) < 150_000


def test_names_of_a_graph_cannot_end_the_script():
    cell = graph_html(SHAPES["hostile"]())
    assert cell.count("</script>") == 1 and cell.endswith("</script>") and "<!--" not in cell[cell.index("<script") :]


def test_without_scripts_there_is_a_picture_or_an_outline():
    cell = graph_html(CNN.read_bytes())
    before = cell[: cell.index("<script")]
    assert "235 ops" in before and ("data:image/svg+xml" in before or "logits" in before)


@pytest.mark.browser
@pytest.mark.skipif(program() is None, reason="Chromium is not installed")
@pytest.mark.parametrize("order", ["the viewer first", "the viewer last"])
def test_cells_share_one_viewer_in_frames_of_their_own(tmp_path, order):
    cells = graph_html(CNN.read_bytes()) + graph_html(SHAPES["cyclic"]())
    parts = [viewer_html(), cells] if order == "the viewer first" else [cells, viewer_html()]
    (tmp_path / "notebook.html").write_text("<!doctype html><meta charset=utf-8><body>" + "".join(parts), encoding="utf-8")
    with Chromium() as browser:
        browser.open((tmp_path / "notebook.html").as_uri())
        until = time.monotonic() + 20
        while (found := browser.ask_frames("document.body.hasAttribute('data-graph-ready')")) != [True, True]:
            assert time.monotonic() < until, found
            time.sleep(0.05)
        assert browser.ask_frames("origin") == ["null", "null"]
        assert browser.ask("document.querySelectorAll('img, pre').length") == 0
        assert not browser.problems
