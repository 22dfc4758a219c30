"""Pools and transposed convolutions by rank, run by graphflow and by TensorFlow (see tests/oracle/programs.py)."""
from tests.ops.nn_programs import values


def program_pools(tf):
    found = []
    for pool in (tf.nn.max_pool_v2, tf.nn.avg_pool_v2):
        for shape in ((2, 9, 3), (2, 6, 7, 3), (1, 4, 5, 6, 2)):
            x = tf.constant(values(*shape))
            found += [pool(x, 2, 2, "SAME"), pool(x, [2] * (len(shape) - 2), 1, "VALID", name="named")]
    return found


def program_transposed_convolutions(tf):
    found = []
    for size, filters, whole in (((2, 5, 3), (3, 4, 3), [2, 10, 4]), ((2, 4, 5, 3), (3, 2, 4, 3), [2, 8, 10, 4]),
                                 ((1, 2, 3, 2, 3), (2, 2, 2, 4, 3), [1, 4, 6, 4, 4])):
        x, w = tf.constant(values(*size)), tf.constant(values(*filters, seed=1))
        found += [tf.nn.conv_transpose(x, w, whole, 2), tf.nn.conv_transpose(x, w, tf.constant(whole), strides=2, padding="SAME")]
        found.append(tf.gradients(tf.nn.conv_transpose(x, w, whole, 2, name="named"), [w])[0])
    return found
