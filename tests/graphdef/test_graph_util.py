"""`tf.graph_util` and graphs in files."""

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.make import make
from graphflow.formats.proto import GraphDef, from_text, parse
from graphflow.graphdef.graph_io import read_graph_def
from graphflow.ops.state.resource import ResourceGatherNd, VariableShape
from tests import tf_fixtures


@pytest.fixture
def trained():
    """(graph, session): y = x @ w + r, with a ref variable w and a resource variable r, both changed since initialization."""
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        w = tf.get_variable("w", initializer=tf.constant([[1.0], [2.0]]))
        r = tf.get_variable("r", initializer=tf.constant([3.0]), use_resource=True)
        tf.add(tf.matmul(x, w), r, name="y")
        tf.get_variable("unused", initializer=tf.constant(1.0))
        session.run(tf.global_variables_initializer())
        session.run([tf.assign(w, [[5.0], [6.0]]), r.assign([7.0])])
        yield graph, session


def run_y(message, value):
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        tf.import_graph_def(message, name="")
        return session.run("y:0", {"x:0": value})


def test_a_frozen_graph_computes_the_same_without_variables(trained):
    graph, session = trained
    frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
    ops = {node.name: node.op for node in frozen.node}
    assert ops["w"] == ops["r"] == "Const" and ops["w/read"] == "Identity" and "unused" not in ops
    assert not set(ops.values()) & {"VariableV2", "VarHandleOp", "ReadVariableOp", "Assign", "AssignVariableOp"}
    value = np.float32([[1, 1], [2, 0]])
    assert np.array_equal(run_y(frozen, value), session.run("y:0", {"x:0": value}))
    assert frozen.versions == graph.as_graph_def().versions


def test_every_way_of_reading_a_resource_variable_can_be_frozen():
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=np.arange(12, dtype="f").reshape(4, 3), use_resource=True)
        handle, rows = tf.identity(v.handle), tf.placeholder(tf.int32, [None], name="rows")
        found = [make(ResourceGatherNd, handle, [[1, 2], [2, 0]], dtype=tf.float32), tf.gather(v, rows), v.read_value()]
        shape = make(VariableShape, v.handle)
        tf.add_n([tf.cast(shape[0], tf.float32), *map(tf.reduce_sum, found)], name="y")
        session.run(tf.global_variables_initializer())
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
        wanted = session.run("y:0", {rows: [3, 0, 3]})
    assert {"GatherNd", "GatherV2", "Shape"} <= {node.op for node in frozen.node}
    assert not any("Resource" in node.op or "Var" in node.op for node in frozen.node)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(frozen, name="")
        assert session.run("y:0", {"rows:0": [3, 0, 3]}) == wanted == 4 + 11 + 63 + 66


def test_what_cannot_be_frozen_is_named():
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=[1.0, 2.0], use_resource=True)
        tf.identity(v.assign_add([1.0, 1.0]), name="y")
        session.run(tf.global_variables_initializer())
        with pytest.raises(ValueError, match="Cannot freeze 'AssignAddVariableOp': a AssignAddVariableOp of the variable 'v'"):
            tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])


def test_variables_may_be_named_or_left_out(trained):
    graph, session = trained
    message = graph.as_graph_def()
    only = tf.graph_util.convert_variables_to_constants(session, message, ["y"], variable_names_whitelist=["w"])
    but = tf.graph_util.convert_variables_to_constants(session, message, ["y"], variable_names_blacklist=["r"])
    for found in (only, but):
        ops = {node.name: node.op for node in found.node}
        assert (ops["w"], ops["r"]) == ("Const", "VarHandleOp")


def test_extracting_keeps_order_and_what_is_needed(trained):
    message = trained[0].as_graph_def()
    part = tf.graph_util.extract_sub_graph(message, ["MatMul"])
    names = [node.name for node in part.node]
    assert names == ["x", "w", "w/read", "MatMul"]
    with pytest.raises(AssertionError, match="nothing is not in graph"):
        tf.graph_util.extract_sub_graph(message, ["nothing"])
    with pytest.raises(TypeError, match="dest_nodes must be a list"):
        tf.graph_util.extract_sub_graph(message, "MatMul")
    with pytest.raises(TypeError, match="graph_def must be a graph_pb2.GraphDef proto"):
        tf.graph_util.extract_sub_graph("graph", ["MatMul"])


def test_training_nodes_are_spliced_out():
    message = from_text(
        """node { name: "a" op: "Placeholder" } node { name: "i" op: "Identity" input: "a" }
           node { name: "n" op: "CheckNumerics" input: "i:0" } node { name: "kept" op: "Identity" input: "n" input: "^c" }
           node { name: "c" op: "Identity" input: "n" } node { name: "p" op: "Identity" input: "a" }
           node { name: "out" op: "AddN" input: "n" input: "kept" input: "p" input: "^n" } versions { producer: 30 }""",
        GraphDef,
    )
    found = tf.graph_util.remove_training_nodes(message, protected_nodes=["p"])
    assert {node.name: list(node.input) for node in found.node} == {
        "a": [], "kept": ["a", "^c"], "c": ["a"], "p": ["a"], "out": ["a", "kept", "p"],
    }  # fmt: skip
    assert found.versions.producer == 30
    assert message.node[2].op == "CheckNumerics", "the argument is left alone"


def test_what_waited_for_a_check_waits_no_more():
    with tf.Graph().as_default() as graph:
        a = tf.constant(1.0, name="a")
        with tf.control_dependencies([tf.check_numerics(a, "x")]):
            i = tf.identity(a, name="i")
        tf.negative(i, name="o")
    found = tf.graph_util.remove_training_nodes(graph.as_graph_def())
    assert [(n.name, list(n.input)) for n in found.node] == [("a", []), ("o", ["a"])]


def test_small_helpers(trained):
    graph = trained[0]
    assert tf.graph_util.tensor_shape_from_node_def_name(graph, "x").as_list() == [None, 2]
    assert not tf.graph_util.must_run_on_cpu(graph.get_operation_by_name("MatMul"))
    with graph.as_default():
        assert tf.graph_util.must_run_on_cpu(tf.constant(1).op) and not tf.graph_util.must_run_on_cpu(tf.constant(1.0).op)


@pytest.mark.parametrize("as_text", [True, False])
def test_graphs_are_written_and_read(tmp_path, trained, as_text):
    graph = trained[0]
    path = tf.train.write_graph(graph, str(tmp_path / "deep"), "g.any", as_text)
    assert path == str(tmp_path / "deep" / "g.any")
    assert read_graph_def(path) == graph.as_graph_def()
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["g.any"]
    data = (tmp_path / "deep" / "g.any").read_bytes()
    assert (from_text(data, GraphDef) if as_text else parse(data, GraphDef)) == graph.as_graph_def()
    assert tf.io.write_graph(graph.as_graph_def(), tmp_path, "h.pb", as_text=False) == str(tmp_path / "h.pb")


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("pb", "pbtxt"))
def test_damaged_files_name_themselves(name, case):
    path = tf_fixtures.path(case["path"])
    try:
        read_graph_def(path)
    except tf.errors.DataLossError as error:
        assert case["outcome"] == "error" and str(path) in str(error)
    else:
        assert case["fault"] not in ("parse", "length", "nesting") or name == "graph/bit_flip"


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match=r"nowhere\.pb"):
        read_graph_def(tmp_path / "nowhere.pb")
