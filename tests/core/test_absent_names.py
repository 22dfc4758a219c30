"""Names of TF1 that graphflow lacks say so, and what to do instead; hasattr still answers."""
import pytest

import graphflow as tf


@pytest.mark.parametrize(("name", "text"), [
    ("nn.dynamic_rnn", "write the cell in a tf.scan"), ("layers", "layers are not there yet: use tf.get_variable"),
    ("nn.fractional_max_pool", "is part of TensorFlow 1 that graphflow does not have yet"), ("FIFOQueue", "read in Python and feed")])
def test_absent_names_say_what_to_do(name, text):
    owner = tf
    *path, leaf = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    assert not hasattr(owner, leaf)
    with pytest.raises(NotImplementedError, match=text):
        getattr(owner, leaf)


def test_misspelt_names_get_near_names():
    with pytest.raises(AttributeError, match=r"tf\.matmull is not part of TensorFlow 1 either.*Near names: tf\.matmul"):
        _ = tf.matmull


@pytest.mark.parametrize("code", ["tf.constant(1.0) + 2.0", "tf.convert_to_tensor([1.0, 2.0])[0]", "tf.Variable(1.0) * 2.0"])
def test_operators_work_whatever_is_touched_first(code):
    import subprocess
    import sys
    subprocess.run([sys.executable, "-c", f"import graphflow as tf\nprint({code})"], check=True)
