"""Bodies of branches and loops lie in the scope of the node that runs them."""
import graphflow as tf
from graphflow.viewer.graph_scan import scan
from graphflow.viewer.graph_tree import FUNC, build


def graph_def(program):
    with tf.Graph().as_default() as graph:
        program()
        return graph.as_graph_def().SerializeToString()


def nested():
    x = tf.placeholder(tf.float32, [], name="x")

    def body(i, a):
        return i + 1, tf.cond(a > 0.0, lambda: tf.sin(a), lambda: a * 2.0, name="choose")
    tf.while_loop(lambda i, _: i < 3, body, [0, x], name="turns")


def test_bodies_lie_in_their_nodes_and_bodies_in_bodies():
    names = [name.decode() for name in scan(graph_def(nested)).names]
    assert all(not name.startswith("{function") for name in names)
    sine = next(name for name in names if name.endswith("/Sin"))
    loop, body, cond, branch, op = sine.split("/")
    assert (loop, cond, op) == ("turns", "choose", "Sin")
    assert body.startswith("{function turns_body") and branch.startswith("{function choose_true")


def test_edges_stay_inside_of_the_bodies():
    found = scan(graph_def(nested))
    sine = next(i for i, name in enumerate(found.names) if name.endswith(b"/Sin"))
    (source,) = found.src[found.dst == sine]
    assert found.names[source].rpartition(b"/")[0] == found.names[sine].rpartition(b"/")[0] and not found.notes


def test_a_function_of_several_nodes_stands_by_itself():
    message = tf.GraphDef.FromString(graph_def(nested))
    again = message.node.add()
    again.CopyFrom(next(node for node in message.node if node.op == "StatelessWhile"))
    again.name = "again"
    names = [name.decode() for name in scan(message.SerializeToString()).names]
    assert any(name.startswith("{function turns_body") for name in names)


def test_functions_are_drawn_as_functions_wherever_they_lie():
    made = build(graph_def(nested))
    assert (made.kind == FUNC).sum() == 4
