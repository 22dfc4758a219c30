"""`graphflow draw` and `graphflow view --text`: every form, at every width, and what goes wrong."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphflow.cli import main
from graphflow.viewer import errors, notebook, to_graphviz, to_networkx, writers
from graphflow.viewer.graph_json import from_json, to_json
from graphflow.viewer.graph_scan import scan
from graphflow.viewer.graph_tree import build
from graphflow.viewer.path_graphs import graphs_of
from graphflow.viewer.terminal import columns, outline
from graphflow.viewer.visible import State, view
from tests.tf_fixtures import ROOT
from tests.viewer.shapes import SHAPES

CNN = ROOT / "graphs/cnn/graph.pb"


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", [*SHAPES, "cnn"])
def test_text_fits_its_columns_and_steers_nothing(name, width, ascii_only):
    buf = CNN.read_bytes() if name == "cnn" else SHAPES[name]()
    text = outline(build(buf), buf, depth=4, width=width, ascii_only=ascii_only)
    for line in text.splitlines():
        assert columns(line) <= width
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text
    if ascii_only:
        text.encode("ascii")


def test_pipes_and_no_color_give_plain_text():
    env = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-m", "graphflow", "view", str(CNN), "--text"], capture_output=True, env=env, check=True
    )
    assert b"\x1b" not in done.stdout
    assert "gradients [72 ops]" in done.stdout.decode()


@pytest.mark.parametrize("kind", ["dot", "json", "mmd", "html"])
def test_forms_that_need_no_graphviz(kind, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(writers.shutil, "which", lambda name: None)
    out = tmp_path / f"g.{kind}"
    assert main(["draw", str(CNN), str(out)]) == 0
    assert out.stat().st_size > 1000
    assert "wrote" in capsys.readouterr().out


def test_without_graphviz_one_line_says_what_brings_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(writers.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert main(["draw", str(CNN), str(tmp_path / "g.svg")]) == 1
    told = capsys.readouterr().err
    assert "graphflow-tf1[dot]" in told and len(told.splitlines()) == 1


def test_an_old_pygraphviz_that_needs_the_program_says_what_brings_it(tmp_path, capsys, monkeypatch):
    class AGraph:
        def __init__(self, string):
            assert string.startswith("digraph")

        def draw(self, format, prog):
            raise ValueError(f"Program {prog} not found in path.")

    monkeypatch.setattr(writers.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", types.SimpleNamespace(AGraph=AGraph))
    assert main(["draw", str(CNN), str(tmp_path / "g.png")]) == 1
    told = capsys.readouterr().err
    assert "graphflow-tf1[dot]" in told and "Program dot not found" in told and len(told.splitlines()) == 1


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_wheel_of_pygraphviz_draws_without_the_program(kind, monkeypatch):
    """Runs where the extra `dot` is installed."""
    pytest.importorskip("pygraphviz", minversion="2.0")
    monkeypatch.setattr(writers.shutil, "which", lambda name: None)
    for name in ("hostile", "empty", "deep", "cyclic"):
        buf = SHAPES[name]()
        data = writers.render(view(build(buf), buf, State(first=True)), kind, "op", name)
        assert data.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[kind])
        if kind == "svg":
            ElementTree.fromstring(data)


def test_an_ending_that_is_unknown_is_wrong_usage(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["draw", str(CNN), str(tmp_path / "g.bmp")])
    assert ended.value.code == 2
    assert ".svg" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_expand_focus_and_depth_choose_what_is_open(tmp_path):
    def drawn(*options):
        out = tmp_path / "g.dot"
        assert main(["draw", str(CNN), str(out), *options]) == 0
        return out.read_text()

    assert "subgraph" in drawn("--expand", "garnet")
    assert "Conv2D" in drawn("--focus", "garnet/Conv2D")
    assert "Conv2D" in drawn("--focus", "garnet/") and "haven" not in drawn("--focus", "garnet/")
    assert drawn("--depth", "2").count("subgraph") > 5


def test_a_scope_that_is_not_there_names_near_ones(tmp_path, capsys):
    assert main(["draw", str(CNN), str(tmp_path / "g.dot"), "--expand", "conv2"]) == 1
    assert "garnet/Conv2D" in capsys.readouterr().err


def test_nothing_found_says_what_was_read_and_what_writes_a_graph(tmp_path, capsys):
    for command in (["view", str(tmp_path), "--text"], ["view", str(tmp_path), "--no-browser"], ["draw", str(tmp_path)]):
        assert main(command) == 1
        told = capsys.readouterr().err
        assert "FileWriter" in told and "write_graph" in told and "No event file" in told
    assert main(["view", str(tmp_path / "nowhere")]) == 1


def test_search_in_the_terminal(capsys):
    assert main(["view", str(CNN), "--search", "op:Conv2D"]) == 0
    assert capsys.readouterr().out.splitlines() == ["garnet/Conv2D  Conv2D", "haven/Conv2D  Conv2D"]


def test_differences_as_text_json_and_picture(tmp_path, capsys):
    other = ROOT / "graphs/lstm/graph.pb"
    assert main(["draw", str(CNN), "--diff", str(CNN), "--check"]) == 0
    assert "235 same" in capsys.readouterr().out
    assert main(["draw", str(CNN), "--diff", str(other)]) == 0
    capsys.readouterr()
    assert main(["draw", str(CNN), "--diff", str(other), "--check", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["summary"]["removed"] > 50
    assert main(["draw", str(CNN), str(tmp_path / "d.dot"), "--diff", str(other)]) == 0


def test_a_renamed_op_and_a_changed_attribute_are_found():
    from graphflow.viewer.diff import compare
    from tools.viewer_graphs import node, type_attr

    old = (
        node("x", "Placeholder")
        + node("a", "Relu", ["x"])
        + node("b", "Cast", ["a"], type_attr("DstT", 1))
        + node("c", "Add", ["a", "b"])
    )
    new = (
        node("x", "Placeholder")
        + node("renamed", "Relu", ["x"])
        + node("b", "Cast", ["renamed"], type_attr("DstT", 2))
        + node("c", "Add", ["x", "b"])
    )
    summary = compare(old, new)[2].summary()
    assert {c["path"]: (c["kind"], c["was"]) for c in summary["changes"]} == {
        "renamed": ("renamed", "a"),
        "b": ("changed", None),
        "c": ("rewired", None),
    }
    assert {tuple(c["detail"]) for c in summary["changes"]} >= {("DstT: float32 -> float64",)}


@pytest.mark.parametrize(
    "path",
    [
        "graphs/cnn/graph.pb",
        "graphs/lstm/graph.pb",
        "graphs/control_v1/graph.pbtxt",
        "graphs/mlp_ref_adam/graph.meta",
        "events/full",
    ],
)
def test_every_form_of_a_graph_opens(path):
    assert len(build(graphs_of(ROOT / path)[0].buf)) > 10


def test_our_json_comes_back(tmp_path):
    buf = CNN.read_bytes()
    again = from_json(json.dumps(to_json(buf)).encode())
    a, b = scan(buf), scan(again)
    assert a.names == b.names
    assert (a.src == b.src).all() and (a.dst == b.dst).all() and (a.port == b.port).all()
    (tmp_path / "g.json").write_text(json.dumps(to_json(buf)))
    assert main(["draw", str(tmp_path / "g.json")]) == 0


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"format": "x"}', b'{"format": "graphflow-graph", "nodes": [3]}', b"\xff"])
def test_other_json_is_refused(raw):
    with pytest.raises(errors.ViewerError):
        from_json(raw)


def test_a_program_that_builds_a_graph_is_drawn(tmp_path, capsys):
    (tmp_path / "program.py").write_text(
        "import graphflow as tf\nx = tf.placeholder(tf.float32, [None, 3], name='input')\ny = tf.identity(x, name='result')\n"
    )
    assert main(["draw", str(tmp_path / "program.py")]) == 0
    assert "result (Identity)" in capsys.readouterr().out
    (tmp_path / "broken.py").write_text("raise ValueError('no')\n")
    assert main(["draw", str(tmp_path / "broken.py")]) == 1


def test_graphviz_and_networkx_from_python():
    assert "digraph" in to_graphviz(CNN.read_bytes(), expand=("garnet",)).source
    graph = to_networkx(CNN)
    assert graph.number_of_nodes() == 235
    assert graph.nodes["garnet/Conv2D"]["op"] == "Conv2D"
    assert to_networkx(str(CNN)).number_of_edges() == graph.number_of_edges()


def test_a_very_large_notebook_page_becomes_a_picture(monkeypatch):
    monkeypatch.setattr(notebook, "LARGEST", 10)
    html = notebook.graph_html(CNN.read_bytes())
    assert "tf.viewer.show(graph" in html and "<script" not in html
