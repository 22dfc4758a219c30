"""What `view` and `draw` open is told by content: graphs under any name, SavedModels, checkpoints, programs; all else gets one line."""

import os
import shutil
import sys
from pathlib import Path

import pytest

import graphflow as tf
from graphflow.cli import main
from graphflow.formats.errors import FormatError
from graphflow.formats.graph_file import graph_parts, kind_of, read_graph_message
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.path_graphs import graphs_of
from graphflow.viewer.runs import RunStore
from tests.viewer.logs import NAME, scalars, write


@pytest.fixture
def graph():
    with tf.Graph().as_default() as found:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        tf.matmul(x, tf.Variable(tf.ones([2, 2]), name="w"), name="product")
    return found


@pytest.mark.parametrize("name", ["graph.pb", "graph", "graph.bin", "graph.txt", "model.meta", "saved_model.pb", "weird.json"])
@pytest.mark.parametrize("kind", ["graph", "graph text", "meta", "meta text", "saved", "saved text"])
def test_a_graph_is_found_under_any_name(tmp_path, graph, name, kind):
    from graphflow.formats.proto import MetaGraphDef, SavedModel

    message = graph.as_graph_def()
    if kind.startswith(("meta", "saved")):
        message = MetaGraphDef(graph_def=message)
        message.meta_info_def.tags.append("serve")
    if kind.startswith("saved"):
        message = SavedModel(saved_model_schema_version=1, meta_graphs=[message])
    path = tmp_path / name
    path.write_bytes(str(message).encode() if kind.endswith("text") else message.SerializeToString())
    (found,) = graphs_of(path)
    assert type(graph.as_graph_def()).FromString(found.buf) == graph.as_graph_def()
    assert type(read_graph_message(path)).__name__ == type(message).__name__


def test_a_checkpoints_prefix_and_a_saved_models_folder_name_their_graph(tmp_path, graph):
    with tf.Session(graph=graph) as session, graph.as_default():
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(tmp_path / "model"), 7)
    assert any(op.name == "product" for op in graph.get_operations())
    assert b"product" in graphs_of(tmp_path / "model-7")[0].buf
    os.makedirs(tmp_path / "export")
    shutil.copy(tmp_path / "model-7.meta", tmp_path / "export/saved_model.pb")
    assert b"product" in graphs_of(tmp_path / "export")[0].buf


def test_a_program_is_run_as_graphflow_run_does(tmp_path):
    (tmp_path / "helper.py").write_text("WIDTH = 3\n")
    (tmp_path / "train.py").write_text(
        "import tensorflow as tf\nfrom helper import WIDTH\n"
        "with tf.Graph().as_default():\n    tf.placeholder(tf.float32, [WIDTH], name='inside')\n    tf.no_op(name='more')\n"
        "tf.constant(1.0, name='outside')\nraise SystemExit(0)\n"
    )
    graphs = graphs_of(tmp_path / "train.py")
    assert len(graphs) == 2 and b"inside" in graphs[0].buf and b"outside" in graphs[1].buf
    (tmp_path / "empty.py").write_text("print('nothing')\n")
    with pytest.raises(ViewerError, match="built no graph"):
        graphs_of(tmp_path / "empty.py")


def test_an_example_of_the_repository_can_be_viewed():
    (graph,) = graphs_of(Path(__file__).parents[2] / "examples/log_graph.py")
    assert graph.buf


def one_line(capsys, *arguments):
    assert main(["view", *map(str, arguments), "--no-browser"]) == 1
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1 and "Traceback" not in told
    return told


def test_what_is_no_graph_gets_one_line_and_no_server(tmp_path, capsys):
    (tmp_path / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    assert "text that begins 'root:x" in one_line(capsys, tmp_path / "passwd")
    (tmp_path / "empty").write_bytes(b"")
    assert "is empty" in one_line(capsys, tmp_path / "empty")
    (tmp_path / "zip").write_bytes(b"PK\x03\x04" + bytes(100))
    assert "a zip file" in one_line(capsys, tmp_path / "zip")
    assert "no such file" in one_line(capsys, tmp_path / "nowhere")
    write(tmp_path / "damaged" / NAME, b"\x13\x07" * 50)
    assert "checksum of its length" in one_line(capsys, tmp_path / "damaged")
    write(tmp_path / "cut" / NAME, scalars(1, loss=1.0)[:-2])
    assert "ends inside a record" in one_line(capsys, tmp_path / "cut")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and permissions of Unix")
def test_pipes_and_unreadable_folders_get_one_line(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert "a pipe" in one_line(capsys, tmp_path / "pipe")
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0)
        assert "permission denied" in one_line(capsys, tmp_path / "closed")


@pytest.mark.parametrize(
    "arguments",
    [["view", "x", "--port", "99999"], ["view", "x", "--depth", "0"], ["draw", "x", "--depth", "-1"], ["draw", "x", "y.svg", "--check"]],
)
def test_options_that_make_no_sense_are_refused(arguments, capsys):
    try:
        assert main(arguments) == 2
    except SystemExit as left:
        assert left.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 20, b"\x0a\x05ab", b"{", b"node", b"\x08\x01", b"\x12\x00" * 3])
def test_bytes_that_hold_no_graph_are_refused_in_words(tmp_path, data):
    path = tmp_path / "some"
    path.write_bytes(data)
    assert kind_of(data) in ("", "json", "graph")
    with pytest.raises((ViewerError, FormatError)):
        RunStore(path)
    with pytest.raises(FormatError):
        graph_parts(path)
