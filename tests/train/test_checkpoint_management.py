"""State files and reading checkpoints without a graph."""

import logging
import os

import pytest

import graphflow as tf
from tests.tf_fixtures import bad_cases, path


@pytest.mark.parametrize("name, case", bad_cases("state"))
def test_damaged_state_files(name, case, caplog):
    folder = str(path(case["path"]))
    if case["outcome"] == "none":
        with caplog.at_level(logging.WARNING, "tensorflow"):
            assert tf.train.latest_checkpoint(folder) is None
        if case["fault"] == "parse":
            assert folder in caplog.text
    else:
        with pytest.raises(ValueError, match="Invalid checkpoint state loaded from"):
            tf.train.latest_checkpoint(folder)


def test_the_state_file_names_the_latest_and_all_that_are_kept(tmp_path):
    folder = str(tmp_path)
    tf.train.update_checkpoint_state(folder, os.path.join(folder, "b"), [os.path.join(folder, "a")],
                                     all_model_checkpoint_timestamps=[1.5, 2.5], last_preserved_timestamp=1.0)
    state = tf.train.get_checkpoint_state(folder)
    assert list(state.all_model_checkpoint_paths) == [os.path.join(folder, name) for name in "ab"]
    assert list(state.all_model_checkpoint_timestamps) == [1.5, 2.5]
    with pytest.raises(ValueError, match="must match checkpoint paths"):
        tf.train.generate_checkpoint_state_proto(folder, "b", ["a"], [1.0])
    with pytest.raises(RuntimeError, match="conflicts with path used for checkpoint state"):
        tf.train.update_checkpoint_state(folder, os.path.join(folder, "checkpoint"))
    assert tf.train.get_checkpoint_state(str(tmp_path / "none")) is None


def test_the_reader_of_tf1():
    reader = tf.train.NewCheckpointReader(str(path("ckpt/mlp_adam/basalt.ckpt-6")))
    assert reader.get_variable_to_shape_map()["amber/kernel"] == [6, 4]
    assert reader.get_variable_to_dtype_map()["global_step"] == tf.int64
    assert reader.get_tensor("global_step") == 6 and reader.get_tensor("global_step").ndim == 0
    assert reader.has_tensor("amber/bias") and not reader.has_tensor("amber")
    assert reader.debug_string().splitlines()[:2] == [b"amber/bias (DT_FLOAT) [4]", b"amber/bias/Adam (DT_FLOAT) [4]"]
    with pytest.raises(tf.errors.NotFoundError, match=r"Key amber/kernels not found in checkpoint; near names: amber/kernel"):
        reader.get_tensor("amber/kernels")
    assert isinstance(tf.train.load_checkpoint(str(path("ckpt/object_based"))).get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"), bytes)


def test_what_is_no_checkpoint_is_told(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="Unsuccessful TensorSliceReader constructor: Failed to find any matching files"):
        tf.train.NewCheckpointReader(str(tmp_path / "x"))
    with pytest.raises(ValueError, match="Couldn't find 'checkpoint' file or checkpoints in given directory"):
        tf.train.list_variables(str(tmp_path))
    with pytest.raises(tf.errors.DataLossError, match="bad magic number"):
        tf.train.NewCheckpointReader(str(path("bad/bundle/index_garbage/model")))


def test_times_of_checkpoints():
    prefix = str(path("ckpt/mlp_adam/basalt.ckpt-6"))
    with pytest.warns(DeprecationWarning, match="get_checkpoint_mtimes"):
        assert tf.train.get_checkpoint_mtimes([prefix, "/no/such"]) == [os.path.getmtime(prefix + ".index")]


def test_checkpoints_are_removed_whole(tmp_path):
    for name in ("m.index", "m.data-00000-of-00002", "m.data-00001-of-00002", "m.meta", "m2.index", "m.data-00000-of-00001.keep"):
        (tmp_path / name).write_bytes(b"")
    tf.train.remove_checkpoint(str(tmp_path / "m"))
    assert sorted(os.listdir(tmp_path)) == ["m.data-00000-of-00001.keep", "m2.index"]


def test_new_checkpoints_are_told_as_they_come(tmp_path):
    (tmp_path / "a.index").write_bytes(b"")
    tf.train.update_checkpoint_state(str(tmp_path), str(tmp_path / "a"))
    assert list(tf.train.checkpoints_iterator(str(tmp_path), timeout=0)) == [str(tmp_path / "a")]


def damaged_entry(prefix, name, change):
    """Rewrites a checkpoint's index with another entry for one tensor; blocks and checksums are sound."""
    from graphflow.formats.bundle.reader import raw_entries
    from graphflow.formats.bundle.writer import write_index
    from graphflow.formats.durable import temporary_name

    _, entries = raw_entries(prefix)
    change(entries[name.encode()])
    write_index(prefix + ".index", "0", entries, shards=1)
    os.replace(temporary_name(prefix + ".index", "0"), prefix + ".index")


@pytest.mark.parametrize("change", [
    lambda entry: setattr(entry, "size", 5), lambda entry: setattr(entry, "shard_id", 7), lambda entry: setattr(entry, "offset", -1),
    lambda entry: setattr(entry, "dtype", 99), lambda entry: entry.shape.dim.add(size=-4),
])  # fmt: skip
def test_a_damaged_entry_hides_no_sound_tensor(tmp_path, change, caplog):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        a, b = tf.get_variable("a", initializer=[1.0, 2.0]), tf.get_variable("b", initializer=[3.0])
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    damaged_entry(prefix, "a", change)
    reader = tf.train.NewCheckpointReader(prefix)
    assert reader.get_variable_to_shape_map() == {"b": [1]}
    assert reader.get_variable_to_dtype_map() == {"b": tf.float32}
    assert tf.train.list_variables(prefix) == [("b", [1])]
    assert b"b (DT_FLOAT) [1]" in reader.debug_string()
    assert reader.get_tensor("b").tolist() == [3.0] and reader.has_tensor("a")
    assert "tensor a" in caplog.text
    with pytest.raises(tf.errors.OpError, match=r"m\.index: tensor a"):
        reader.get_tensor("a")
    with graph.as_default(), tf.Session() as session:
        tf.train.Saver([b]).restore(session, prefix)
        assert session.run(b).tolist() == [3.0]
        with pytest.raises(tf.errors.OpError, match=r"m\.index: tensor a"):
            tf.train.Saver([a]).restore(session, prefix)


def test_a_checkpoint_of_damaged_entries_only_is_refused(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=[1.0])
        session.run(v.initializer)
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    damaged_entry(prefix, "v", lambda entry: setattr(entry, "size", 5))
    with pytest.raises(tf.errors.DataLossError, match="tensor v"):
        tf.train.NewCheckpointReader(prefix).get_variable_to_shape_map()
