"""Programs that read and write variables, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import numpy as np

START = np.arange(12, dtype=np.float32).reshape(4, 3)


def variable(tf, resource, value=START, name="v"):
    return tf.get_variable(name, initializer=tf.constant(value), use_resource=resource)


def copy(tf, value):
    """A value of its own: TensorFlow's identity of a variable's reference shows what is written later."""
    return tf.add(value, 0.0, name="copy")


def rows(tf, resource):
    v = variable(tf, resource)
    done, fetches = [], []
    for name, indices, updates in (("update", [1, 3], [[1.0, 2.0, 3.0]] * 2), ("add", [[0, 0]], [[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]]),
                                   ("sub", [2, 2], 1.0), ("mul", 1, [2.0, 2.0, 2.0]), ("div", [1], [[4.0, 4.0, 2.0]]),
                                   ("min", [0, 1], 3.5), ("max", [3], [[1.0, 9.0, 1.0]])):
        with tf.control_dependencies(done):
            written = getattr(tf, f"scatter_{name}")(v, indices, updates)
            fetches.append(copy(tf, written))
        done = [fetches[-1]]
    return fetches


def program_rows_of_ref_variables(tf):
    return rows(tf, False)


def program_rows_of_resource_variables(tf):
    return rows(tf, True)


def elements(tf, resource):
    v = variable(tf, resource)
    first = copy(tf, tf.scatter_nd_update(v, [[0, 1], [3, 2]], [100.0, 200.0]))
    with tf.control_dependencies([first]):
        second = copy(tf, tf.scatter_nd_add(v, [[0], [0]], [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]))
    with tf.control_dependencies([second]):
        return [first, second, copy(tf, tf.scatter_nd_sub(v, [[[2, 0]]], [[7.0]]))]


def program_elements_of_ref_variables(tf):
    return elements(tf, False)


def program_elements_of_resource_variables(tf):
    return elements(tf, True)


def methods(tf, resource):
    v = variable(tf, resource)
    slices = tf.IndexedSlices(tf.constant([[1.0, 2.0, 3.0]]), tf.constant([1]))
    done, fetches = [], []
    for name in ("scatter_add", "scatter_sub", "scatter_update", "scatter_mul", "scatter_div", "scatter_min", "scatter_max"):
        with tf.control_dependencies(done):
            fetches.append(copy(tf, getattr(v, name)(slices)))
        done = [fetches[-1]]
    for name in ("scatter_nd_add", "scatter_nd_sub", "scatter_nd_update"):
        with tf.control_dependencies(done):
            fetches.append(copy(tf, getattr(v, name)([[2, 1]], [5.0])))
        done = [fetches[-1]]
    return fetches


def program_methods_of_ref_variables(tf):
    return methods(tf, False)


def program_methods_of_resource_variables(tf):
    return methods(tf, True)


def program_batches(tf):
    v = variable(tf, False)
    return [copy(tf, tf.batch_scatter_update(v, [[1], [0], [2], [1]], [[1.0], [2.0], [3.0], [4.0]]))]


def assignments(tf, resource):
    v = variable(tf, resource)
    a = copy(tf, tf.assign(v, START * 2))
    with tf.control_dependencies([a]):
        b = copy(tf, tf.assign_add(v, tf.ones([4, 3])))
    with tf.control_dependencies([b]):
        c = copy(tf, tf.assign_sub(v, tf.ones([4, 3]) * 3.0))
    with tf.control_dependencies([c]):
        return [a, b, c, copy(tf, v[1:3, :2].assign([[1.0, 2.0], [3.0, 4.0]])), tf.is_variable_initialized(v)]


def program_assignments_to_ref_variables(tf):
    return assignments(tf, False)


def program_assignments_to_resource_variables(tf):
    return assignments(tf, True)


def program_counting(tf):
    v, r = variable(tf, False, np.int32(3)), variable(tf, True, np.int64(5), "r")
    return [tf.count_up_to(v, 9), tf.count_up_to(r, 9)]


def program_rows_read(tf):
    v = variable(tf, True)
    picked = tf.gather(v, [[1, 2], [2, 0]])
    element = tf.gather_nd(v, [[1, 2], [3, 0]])
    loss = tf.reduce_sum(tf.square(picked))
    (slope,) = tf.gradients(loss, v)
    (other,) = tf.gradients(tf.reduce_sum(element), v)
    return [picked, element, slope.values, slope.indices, slope.dense_shape, other]
