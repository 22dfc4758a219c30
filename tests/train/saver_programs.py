"""Programs with Savers, built in graphflow and in TensorFlow to compare their nodes."""


import os
from pathlib import Path


def _variables(tf):
    ones = tf.ones_initializer()
    return (tf.get_variable("v", [2, 3], initializer=ones), tf.get_variable("w", [3], tf.int32, initializer=ones),
            tf.get_variable("r", [2], use_resource=True, initializer=ones),
            tf.get_variable("p", [4, 3], partitioner=tf.fixed_size_partitioner(2), initializer=ones))


def program_default(tf):
    v, w, r, _ = _variables(tf)
    tf.train.Saver()
    tf.train.Saver(filename="elsewhere")
    return [v, w, r]


def program_dict_and_reshape(tf):
    v, _, r, p = _variables(tf)
    tf.train.Saver({"x": v, "pp": p, "y": r}, reshape=True, name="mine", restore_sequentially=True)
    tf.train.Saver({"parts": list(p)})
    return [v, r]


def program_sharded(tf):
    with tf.device("/cpu:0"):
        v = tf.get_variable("v", [2, 3], initializer=tf.ones_initializer())
    w = tf.get_variable("w", [2, 3], initializer=tf.ones_initializer())
    tf.train.Saver(sharded=True, max_to_keep=2)
    return [v, w]


def program_first_version(tf):
    v, w, r, _ = _variables(tf)
    tf.train.Saver([v, w, r], write_version=tf.train.SaverDef.V1)
    return [v]


def program_inside_a_scope(tf):
    v, _, r, _ = _variables(tf)
    with tf.name_scope("outer"):
        tf.train.Saver([r, v])
    with tf.variable_scope("inner"):
        tf.train.Saver({"a": v.op.outputs[0]})
    return [v]


def program_start_from_a_checkpoint(tf):
    folder = Path(__file__).resolve().parents[1] / "data" / "tensorflow" / "ckpt"
    with tf.variable_scope("new"):
        kernel = tf.get_variable("kernel", [6, 4])
        bias = tf.get_variable("bias", [4], use_resource=True)
    # a path that does not depend on where the repository is, as it becomes a constant of the graph
    tf.train.init_from_checkpoint(os.path.relpath(folder / "mlp_adam"), {"amber/": "new/"})
    table = tf.get_variable("table", [11, 3], partitioner=tf.fixed_size_partitioner(2))
    tf.train.init_from_checkpoint(os.path.relpath(folder / "partitioned"), {"table": "table"})
    return [kernel, bias, *table]
