"""Save and restore nodes as graphs of old hold them: written by one, read by the others; names of sharded files."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.opdb._raw import raw


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as fresh:
        yield fresh


def run(fetch):
    with tf.Session() as session:
        return session.run(fetch)


WEIGHTS = np.arange(6, dtype="float32").reshape(2, 3)


def test_names_of_sharded_files():
    assert run(raw(tf, "ShardedFilename", basename="m", shard=2, num_shards=10)) == b"m-00002-of-00010"
    assert run(raw(tf, "ShardedFilespec", basename="m", num_shards=10)) == b"m-?????-of-00010"


def test_shards_merge_into_one_checkpoint(tmp_path):
    shards = [str(tmp_path / "part" / name) for name in ("one", "two")]
    saves = [raw(tf, "SaveV2", prefix=prefix, tensor_names=[name], shape_and_slices=[""], tensors=[tf.constant(WEIGHTS + i)])
             for i, (prefix, name) in enumerate(zip(shards, "ab", strict=True))]
    whole = str(tmp_path / "whole")
    with tf.control_dependencies(saves):
        merged = raw(tf, "MergeV2Checkpoints", checkpoint_prefixes=shards, destination_prefix=whole)
    run(merged)
    found = raw(tf, "RestoreV2", prefix=whole, tensor_names=["b", "a"], shape_and_slices=["", ""], dtypes=[tf.float32, tf.float32])
    for value, expected in zip(run(found), (WEIGHTS + 1, WEIGHTS), strict=True):
        np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("sliced", [False, True])
def test_what_old_save_nodes_write_old_restore_nodes_read(tmp_path, sliced):
    file = str(tmp_path / "old.ckpt")
    if sliced:
        run(raw(tf, "SaveSlices", filename=file, tensor_names=["w"], shapes_and_slices=[""], data=[tf.constant(WEIGHTS)]))
        part = raw(tf, "RestoreSlice", file_pattern=file, tensor_name="w", shape_and_slice="2 3 0,2:1,2", dt=tf.float32)
        np.testing.assert_array_equal(run(part), WEIGHTS[:, 1:])
    else:
        run(raw(tf, "Save", filename=file, tensor_names=["w"], data=[tf.constant(WEIGHTS)]))
    np.testing.assert_array_equal(run(raw(tf, "Restore", file_pattern=file, tensor_name="w", dt=tf.float32)), WEIGHTS)


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(tf.errors.OpError, match="none"):
        run(raw(tf, "RestoreV2", prefix=str(tmp_path / "none"), tensor_names=["w"], shape_and_slices=[""], dtypes=[tf.float32]))


def test_print_v2_writes_to_the_stream(capfd):
    run(raw(tf, "PrintV2", input="hello", output_stream="stderr"))
    assert capfd.readouterr().err == "hello\n"


@pytest.mark.parametrize("use_resource", [False, True])
def test_the_initialized_value_does_not_need_the_initializer(use_resource):
    variable = tf.Variable([1.0, 2.0], use_resource=use_resource)
    doubled = variable.initialized_value() * 2
    with tf.Session() as session:
        assert session.run(doubled).tolist() == [2, 4]
        session.run(variable.initializer)
        session.run(tf.assign(variable, [5.0, 6.0]))
        assert session.run(doubled).tolist() == [10, 12]


def test_names_and_tensors_that_differ_in_number_are_told(tmp_path):
    names = tf.placeholder(tf.string, [None])
    save = raw(tf, "SaveV2", prefix=str(tmp_path / "m"), tensor_names=names, shape_and_slices=["", ""], tensors=[WEIGHTS, WEIGHTS])
    restored = raw(tf, "RestoreV2", prefix=str(tmp_path / "m"), tensor_names=names, shape_and_slices=["", ""], dtypes=[tf.float32] * 2)
    with tf.Session() as session:
        for fetch in (save, restored):
            with pytest.raises(tf.errors.InvalidArgumentError, match="tensor_names has 1 elements|Got 1 tensor names and 2 slices"):
                session.run(fetch, {names: ["w"]})


def test_a_saver_whose_nodes_have_too_few_names_is_refused(tmp_path):
    """Found by damaging a SavedModel: direct restore looked for the second name."""
    tf.get_variable("a", [2]), tf.get_variable("b", [2])
    saver = tf.train.Saver()
    meta = tf.train.export_meta_graph(saver_def=saver.saver_def)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        prefix = saver.save(session, str(tmp_path / "m"))
    node = next(node for node in meta.graph_def.node if node.name == "save/RestoreV2/tensor_names")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(["a"]))
    with tf.Graph().as_default(), tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match="Got 1 tensor names"):
            tf.train.import_meta_graph(meta).restore(session, prefix)
