"""Names of TF1 that graphflow lacks say so, and what to do instead; hasattr still answers."""
import functools
import pickle
import re

import pytest

import graphflow as tf


@pytest.mark.parametrize(("name", "text"), [
    ("nn.fractional_max_pool", "is part of TensorFlow 1 that graphflow does not have yet"), ("distribute.Server", "MirroredStrategy"),
    ("ragged", "use a tf.SparseTensor"), ("strings.bytes_split", "would be ragged")])
def test_absent_names_say_what_to_do(name, text):
    owner = tf
    *path, leaf = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    assert not hasattr(owner, leaf)
    with pytest.raises(NotImplementedError, match=text):
        getattr(owner, leaf)


@pytest.mark.parametrize("name", ["tpu", "lite.TFLiteConverter", "approx_top_k", "estimator.BinaryClassHead"])
def test_parts_of_tensorflow_1_are_never_said_to_be_none(name):
    with pytest.raises(NotImplementedError, match="part of TensorFlow 1 that graphflow does not have yet"):
        _ = functools.reduce(getattr, name.split("."), tf)


def test_advice_only_names_what_is_there():
    from graphflow._public.namespace import hints
    from graphflow.commands.stand_in import REFUSED

    texts = " ".join([*hints().values(), *REFUSED.values()])
    named = set(re.findall(r"\btf\.([A-Za-z0-9_.]*[A-Za-z0-9_])", texts)) - {"contrib", "data"}    # those two are said to be absent
    assert named and [name for name in named if not hasattr_dotted(name)] == []


def hasattr_dotted(name):
    value = tf
    for part in name.split("."):
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True


def test_compat_v1_is_the_package_itself():
    import graphflow.compat.v1 as v1

    assert v1 is tf and tf.compat.v1 is tf


def test_modules_below_compat_v1_are_the_packages_own():
    import graphflow.compat.v1.keras.layers as layers
    import graphflow.compat.v1.nn.rnn_cell as cells
    import graphflow.compat.v1.train as train
    from graphflow.compat.v1.contrib import slim

    assert (layers, cells, train, slim) == (tf.keras.layers, tf.nn.rnn_cell, tf.train, tf.contrib.slim)
    assert train.__spec__.name == "graphflow.train"
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'graphflow\.compat\.v1\.nonsense'"):
        import graphflow.compat.v1.nonsense  # noqa: F401


def test_misspelt_names_get_near_names():
    with pytest.raises(AttributeError, match=r"tf\.matmull is not part of TensorFlow 1 either.*Near names: tf\.matmul"):
        _ = tf.matmull


def test_near_names_are_looked_for_only_when_a_message_is_read(monkeypatch):
    monkeypatch.setattr("difflib.get_close_matches", lambda *args, **kwargs: pytest.fail("hasattr waits for a search through all names"))
    assert not hasattr(tf, "matmull") and not hasattr(tf.nn, "fractional_max_pool")
    monkeypatch.undo()
    with pytest.raises(AttributeError) as info:
        _ = tf.matmull
    assert str(pickle.loads(pickle.dumps(info.value))) == str(info.value)


@pytest.mark.parametrize("code", ["tf.constant(1.0) + 2.0", "tf.convert_to_tensor([1.0, 2.0])[0]", "tf.Variable(1.0) * 2.0"])
def test_operators_work_whatever_is_touched_first(code):
    import subprocess
    import sys
    subprocess.run([sys.executable, "-c", f"import graphflow as tf\nprint({code})"], check=True)
