"""tf.config: one device, and settings that are kept."""
import pytest

import graphflow as tf


def test_the_cpu_is_the_only_device():
    experimental = tf.config.experimental
    assert [device.device_type for device in experimental.list_physical_devices()] == ["CPU"]
    assert experimental.list_physical_devices("GPU") == [] == experimental.list_logical_devices("GPU")
    assert experimental.get_visible_devices("CPU") == experimental.list_physical_devices("CPU")
    experimental.set_visible_devices([], "GPU")
    experimental.set_visible_devices(experimental.list_physical_devices("CPU"))
    for wrong in (lambda: experimental.set_visible_devices([], "CPU"), lambda: experimental.set_visible_devices(["GPU"]),
                  lambda: experimental.set_memory_growth("GPU", True)):
        with pytest.raises(ValueError, match="CPU|non-GPU"):
            wrong()


def test_numbers_of_threads_are_kept():
    before = tf.config.threading.get_intra_op_parallelism_threads(), tf.config.threading.get_inter_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(3)
    assert (tf.config.threading.get_intra_op_parallelism_threads(), tf.config.threading.get_inter_op_parallelism_threads()) == (2, 3)
    with pytest.raises(ValueError, match="num_threads must be >= 0, given: -1"):
        tf.config.threading.set_intra_op_parallelism_threads(-1)
    tf.config.threading.set_intra_op_parallelism_threads(before[0])
    tf.config.threading.set_inter_op_parallelism_threads(before[1])


def test_a_cast_among_dtypes():
    assert tf.dtypes.cast is tf.cast
