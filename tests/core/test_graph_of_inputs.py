"""Outside of `graph.as_default()` an operation goes to the graph of what it is made of, its constants too."""
import pytest

import graphflow as tf

CALLS = {
    "assign": lambda v, x, k: v.assign([1.0, 2.0, 4.0]), "assign_add": lambda v, x, k: v.assign_add([1.0, 2.0, 4.0]),
    "assign_sub": lambda v, x, k: tf.assign_sub(v, [1.0, 2.0, 4.0]), "slice assign": lambda v, x, k: v[0:1].assign([3.0]),
    "initialized value": lambda v, x, k: v.initialized_value(), "lookup": lambda v, x, k: tf.nn.embedding_lookup(v, [0]),
    "gather": lambda v, x, k: tf.gather(v, [0]), "cond": lambda v, x, k: tf.cond(x[0] > 0.0, lambda: x, lambda: x * 2.0),
    "while_loop": lambda v, x, k: tf.while_loop(lambda i: i < 3, lambda i: i + 1, [k]),
    "map_fn": lambda v, x, k: tf.map_fn(lambda a: a + 1.0, x), "scan": lambda v, x, k: tf.scan(lambda a, b: a + b, x),
    "matmul": lambda v, x, k: tf.matmul([[1.0, 2.0, 3.0]], tf.reshape(v, [3, 1])), "dropout": lambda v, x, k: tf.nn.dropout(x, 0.5),
    "loss": lambda v, x, k: tf.losses.mean_squared_error(x, x), "zeros_like": lambda v, x, k: tf.zeros_like(v),
    "ones_like": lambda v, x, k: tf.ones_like(x), "shape": lambda v, x, k: tf.shape(v), "size": lambda v, x, k: tf.size(x),
    "rank": lambda v, x, k: tf.rank(x), "one_hot": lambda v, x, k: tf.one_hot(k, 3),
    "Assert": lambda v, x, k: tf.Assert(x[0] > 0.0, [x]), "assert_equal": lambda v, x, k: tf.assert_equal(x, [1.0, 2.0, 3.0]),
    "saver": lambda v, x, k: tf.train.Saver([v]) and x,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("style", [True, False])
def test_it_goes_there_and_runs(call, style):
    tf.reset_default_graph()
    graph = tf.Graph()
    with graph.as_default():
        v = tf.get_variable("v", initializer=[1.0, 2.0, 3.0], use_resource=style)
        x, k = tf.constant([1.0, 2.0, 3.0]), tf.get_variable("k", initializer=1, use_resource=style)
        init = tf.global_variables_initializer()
    result = CALLS[call](v, x, k)
    assert not tf.get_default_graph().get_operations()
    with tf.Session(graph=graph) as s:
        s.run(init)
        s.run(result)
