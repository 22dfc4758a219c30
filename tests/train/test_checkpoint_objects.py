"""tf.train.Checkpoint and CheckpointManager: keys, graphs of objects and files as TensorFlow 2.21's compat.v1 writes them."""

import os
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.bundle import BundleReader, BundleWriter
from graphflow.formats.object_graph import object_graph
from tests.tf_fixtures import array, manifest, path

KEYS = [
    "_CHECKPOINTABLE_OBJECT_GRAPH",
    "dct/x.Sy/.ATTRIBUTES/VARIABLE_VALUE",
    "dct/x.Sy/.OPTIMIZER_SLOT/opt/m/.ATTRIBUTES/VARIABLE_VALUE",
    "dct/x.Sy/.OPTIMIZER_SLOT/opt/v/.ATTRIBUTES/VARIABLE_VALUE",
    "opt/beta1_power/.ATTRIBUTES/VARIABLE_VALUE",
    "opt/beta2_power/.ATTRIBUTES/VARIABLE_VALUE",
    "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
    "step/.ATTRIBUTES/VARIABLE_VALUE",
    "v/.ATTRIBUTES/VARIABLE_VALUE",
    "v/.OPTIMIZER_SLOT/opt/m/.ATTRIBUTES/VARIABLE_VALUE",
    "v/.OPTIMIZER_SLOT/opt/v/.ATTRIBUTES/VARIABLE_VALUE",
]


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def model(start=1.0):
    """(training operation, checkpoint of everything, variables)."""
    v = tf.get_variable("v", [2], initializer=tf.constant_initializer(start))
    w = tf.get_variable("scope/w", [3], initializer=tf.constant_initializer(2 * start), use_resource=True)
    optimizer, step = tf.train.AdamOptimizer(0.1), tf.train.get_or_create_global_step()
    train = optimizer.minimize(tf.reduce_sum(v * v) + tf.reduce_sum(w), global_step=step)
    checkpoint = tf.train.Checkpoint(opt=optimizer, v=v, inner=tf.train.Checkpoint(w=w), step=step, lst=[v, w],
                                     dct={"a.b": v, "x/y": w})
    return train, checkpoint


def saved_model(folder):
    """(prefix, {name: value}) after three steps."""
    train, checkpoint = model()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        prefix = checkpoint.save(str(folder / "deep" / "er" / "ck"), session=session)
        return prefix, {v.name: session.run(v).tolist() for v in tf.global_variables()}


def values(session):
    return {v.name: session.run(v).tolist() for v in tf.global_variables()}


def test_files_keys_and_state_are_those_of_tensorflow(tmp_path):
    prefix, _ = saved_model(tmp_path)
    folder = tmp_path / "deep" / "er"
    assert prefix == str(folder / "ck-1") and tf.train.latest_checkpoint(str(folder)) == prefix
    assert sorted(os.listdir(folder)) == ["checkpoint", "ck-1.data-00000-of-00001", "ck-1.index"]
    assert (folder / "checkpoint").read_text() == 'model_checkpoint_path: "ck-1"\nall_model_checkpoint_paths: "ck-1"\n'
    with BundleReader(prefix) as reader:
        assert reader.names() == KEYS
        nodes = object_graph(reader).nodes
    assert [[(child.local_name, child.node_id) for child in node.children] for node in nodes[:5]] == [
        [("dct", 1), ("inner", 2), ("lst", 3), ("opt", 4), ("step", 5), ("v", 6), ("save_counter", 7)],
        [("a.b", 6), ("x/y", 8)], [("w", 8)], [("0", 6), ("1", 8)], [("beta1_power", 9), ("beta2_power", 10)]]
    assert [(slot.original_variable_node_id, slot.slot_name, slot.slot_variable_node_id) for slot in nodes[4].slot_variables] == [
        (6, "m", 11), (8, "m", 12), (6, "v", 13), (8, "v", 14)]
    assert [node.attributes[0].full_name for node in nodes[5:]] == [
        "global_step", "v", "save_counter", "scope/w", "beta1_power", "beta2_power", "v/Adam", "scope/w/Adam", "v/Adam_1", "scope/w/Adam_1"]
    assert all(node.has_checkpoint_values.value for node in nodes)


def test_everything_comes_back_in_another_program(tmp_path):
    prefix, expected = saved_model(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        _, checkpoint = model(start=5.0)
        status = checkpoint.restore(prefix)
        size = len(session.graph.get_operations())
        assert status.assert_consumed() is status.assert_existing_objects_matched() is status.assert_nontrivial_match() is status
        status.initialize_or_restore(session)
        assert values(session) == expected
        assert len(session.graph.get_operations()) == size  # restoring adds nothing
        assert checkpoint.save(f"{tmp_path}/again", session=session) == f"{tmp_path}/again-2"  # the counter came back too


def test_paths_count_not_names(tmp_path):
    with tf.Session() as session:
        checkpoint = tf.train.Checkpoint(w=tf.Variable([1.0, 2.0], name="old_name"))
        session.run(tf.global_variables_initializer())
        prefix = checkpoint.write(str(tmp_path / "c"), session=session)
        assert prefix == str(tmp_path / "c") and sorted(os.listdir(tmp_path)) == ["c.data-00000-of-00001", "c.index"]
    with tf.Graph().as_default(), tf.Session() as session:
        new = tf.Variable([0.0, 0.0], name="another")
        tf.train.Checkpoint(w=new).restore(prefix).run_restore_ops(session)
        assert session.run(new).tolist() == [1.0, 2.0]


def test_the_checkpoint_of_tensorflow_is_restored():
    entry = manifest()["ckpt/object_based"]
    net = tf.train.Checkpoint(w=tf.get_variable("kernel", [2, 3]))
    checkpoint = tf.train.Checkpoint(net=net, step=tf.get_variable("s", [], tf.int64))
    with tf.Session() as session:
        checkpoint.restore(str(path(entry["prefix"]))).assert_consumed().run_restore_ops(session)
        for key, variable in (("net/w", net.w), ("step", checkpoint.step), ("save_counter", checkpoint.save_counter)):
            expected = array(entry["tensors"][f"{key}/.ATTRIBUTES/VARIABLE_VALUE"], entry["data"])
            np.testing.assert_array_equal(session.run(variable), expected)


def test_what_is_assigned_after_restore_is_restored_too(tmp_path):
    prefix, expected = saved_model(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint = tf.train.Checkpoint()
        status = checkpoint.restore(prefix)
        with pytest.raises(AssertionError, match="Nothing to load"):
            status.assert_nontrivial_match()
        checkpoint.inner = tf.train.Checkpoint()
        checkpoint.inner.w = tf.get_variable("later", [3])
        checkpoint.note = "no variable, so not saved"
        status.expect_partial().run_restore_ops(session)
        assert session.run(checkpoint.inner.w).tolist() == expected["scope/w:0"]


def test_what_the_file_lacks_is_initialized(tmp_path):
    with tf.Session() as session:
        checkpoint = tf.train.Checkpoint(a=tf.Variable(1.0))
        session.run(tf.global_variables_initializer())
        prefix = checkpoint.save(str(tmp_path / "c"), session)
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.Variable(5.0), tf.Variable(6.0, name="b")
        status = tf.train.Checkpoint(a=a, kernels={"b": b}).restore(prefix)
        for check in (status.assert_consumed, status.assert_existing_objects_matched):
            with pytest.raises(AssertionError, match=r"(?s)checkpoint.*c-1, 2 values.*no value +kernels/b  <tf.Variable 'b:0'"):
                check()
        status.initialize_or_restore(session)
        assert session.run([a, b]) == [1.0, 6.0]


def test_what_no_object_takes_is_named(tmp_path):
    prefix, _ = saved_model(tmp_path)
    with tf.Graph().as_default():
        checkpoint = tf.train.Checkpoint(v=tf.get_variable("v", [2]), step=tf.get_variable("s", [], tf.int64))
        status = checkpoint.restore(prefix)
        with pytest.raises(AssertionError, match=r"(?s)Unresolved object in checkpoint: .*10 values, 3 of them with objects.*"
                                                 r"no object +dct/x.Sy/.ATTRIBUTES/VARIABLE_VALUE"):
            status.assert_consumed()
        status.assert_existing_objects_matched()


def test_a_value_of_another_shape_is_refused(tmp_path):
    prefix, _ = saved_model(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        status = tf.train.Checkpoint(v=tf.get_variable("v", [4])).restore(prefix)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"v/.ATTRIBUTES/VARIABLE_VALUE: lhs shape= \[4\] rhs shape= \[2\]"):
            status.run_restore_ops(session)


def test_files_of_a_saver_are_restored_by_name(tmp_path):
    with tf.Session() as session:
        tf.get_variable("a", initializer=3.0)
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.get_variable("a", initializer=0.0), tf.get_variable("b", initializer=4.0)
        status = tf.train.Checkpoint(x=a, y=b).restore(prefix)
        with pytest.raises(AssertionError, match="(?s)no value +y"):
            status.assert_existing_objects_matched()
        status.initialize_or_restore(session)
        assert session.run([a, b]) == [3.0, 4.0]


def test_a_saver_reads_it_by_the_names_of_then(tmp_path):
    prefix, expected = saved_model(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", [2])
        tf.train.Saver().restore(session, prefix)
        assert session.run(v).tolist() == expected["v:0"]


def test_a_file_without_any_object_matches_nothing(tmp_path):
    with BundleWriter(str(tmp_path / "m")) as writer:
        writer.add("_CHECKPOINTABLE_OBJECT_GRAPH", np.array(b"", object))
    status = tf.train.Checkpoint(a=tf.Variable(5.0)).restore(str(tmp_path / "m"))
    with pytest.raises(AssertionError, match="(?s)Nothing to load.*no value +a"):
        status.assert_nontrivial_match()


def test_no_checkpoint_means_initialize(tmp_path):
    a = tf.Variable(5.0)
    checkpoint = tf.train.Checkpoint(a=a)
    status = checkpoint.restore(tf.train.latest_checkpoint(str(tmp_path)))
    for refused in (status.assert_consumed, status.run_restore_ops):
        with pytest.raises(AssertionError, match="No checkpoint specified"):
            refused()
    with tf.Session() as session:
        status.initialize_or_restore()
        assert session.run([a, checkpoint.save_counter]) == [5.0, 0]


def test_no_operations_are_added_by_later_saves(tmp_path):
    checkpoint = tf.train.Checkpoint(a=tf.Variable([1.0]))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        checkpoint.save(str(tmp_path / "c"))
        size = len(session.graph.get_operations())
        assert [os.path.basename(checkpoint.save(str(tmp_path / "c"))) for _ in range(3)] == ["c-2", "c-3", "c-4"]
        assert len(session.graph.get_operations()) == size


@pytest.mark.parametrize("make, error, what", [
    (lambda: tf.train.Checkpoint(a=3), ValueError, "expecting a to be a trackable object"),
    (lambda: tf.train.Checkpoint(a=tf.constant(1.0)), ValueError, "expecting a to be a trackable object"),
    (lambda: tf.train.Checkpoint(a=tf.Variable(1.0)).save("x"), ValueError, "without a session"),
    (lambda: tf.train.Checkpoint(a=tf.Variable(1.0)).restore("/none/x"), tf.errors.NotFoundError, "/none/x"),
    (lambda: tf.train.Checkpoint(a={1: tf.Variable(1.0)}).write("x", tf.Session()), ValueError, "non-string key"),
])
def test_what_cannot_be_saved_is_refused(make, error, what):
    with pytest.raises(error, match=what):
        make()


def test_an_object_may_say_what_hangs_on_it(tmp_path):
    class Net:
        def __init__(self):
            self.kernel = tf.Variable(2.0)

        def _trackable_children(self):
            return vars(self)

    with tf.Session() as session:
        checkpoint = tf.train.Checkpoint(net=Net())
        session.run(tf.global_variables_initializer())
        prefix = checkpoint.write(str(tmp_path / "c"))
        assert tf.train.load_variable(prefix, "net/kernel/.ATTRIBUTES/VARIABLE_VALUE") == 2.0


# -- CheckpointManager ---------------------------------------------------------------------------------------------------


@pytest.fixture
def managed(graph):
    """(checkpoint, its variable), in an open session."""
    step = tf.Variable(0, name="step")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        yield tf.train.Checkpoint(step=step), step


def names(prefixes):
    return [os.path.basename(prefix) for prefix in prefixes]


def indexes(folder):
    return sorted(file.removesuffix(".index") for file in os.listdir(folder) if file.endswith(".index"))


def test_a_manager_keeps_the_last_few(managed, tmp_path):
    checkpoint, _ = managed
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path / "sub"), max_to_keep=2)
    assert (manager.latest_checkpoint, manager.checkpoints, manager.directory) == (None, [], str(tmp_path / "sub"))
    saved = [manager.save() for _ in range(4)]
    assert names(saved) == ["ckpt-1", "ckpt-2", "ckpt-3", "ckpt-4"]
    assert manager.latest_checkpoint == saved[-1] and manager.checkpoints == saved[2:] and manager.checkpoint is checkpoint
    assert indexes(tmp_path / "sub") == ["ckpt-3", "ckpt-4"]
    state = tf.train.get_checkpoint_state(str(tmp_path / "sub"))
    assert list(state.all_model_checkpoint_paths) == saved[2:] and state.model_checkpoint_path == saved[-1]
    assert len(state.all_model_checkpoint_timestamps) == 2 and state.last_preserved_timestamp < state.all_model_checkpoint_timestamps[0]


def test_a_manager_goes_on_where_another_ended(managed, tmp_path):
    checkpoint, _ = managed
    first = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    first.save(), first.save()
    second = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    assert second.checkpoints == first.checkpoints and second.latest_checkpoint == first.latest_checkpoint
    second.save()
    assert indexes(tmp_path) == ["ckpt-2", "ckpt-3"]


def test_a_manager_takes_numbers_and_names(managed, tmp_path):
    checkpoint, step = managed
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=None, checkpoint_name="model")
    step.load(7)
    saved = [manager.save(checkpoint_number=step), manager.save(checkpoint_number=40), manager.save()]
    assert names(saved) == ["model-7", "model-40", "model-3"]
    manager.save(checkpoint_number=7)  # a name saved again moves to the end
    assert names(manager.checkpoints) == ["model-40", "model-3", "model-7"]


def test_a_manager_preserves_one_in_so_many_hours(managed, tmp_path, monkeypatch):
    checkpoint, _ = managed
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=1, keep_checkpoint_every_n_hours=2)
    for _ in range(6):  # saved after 0, 1, 2, 3, 4, 5 hours
        manager.save()
        now += 3600
    assert indexes(tmp_path) == ["ckpt-3", "ckpt-5", "ckpt-6"]
    assert names(manager.checkpoints) == ["ckpt-6"]


def test_a_manager_saves_at_intervals(managed, tmp_path):
    checkpoint, step = managed
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=3, step_counter=step, checkpoint_interval=5)
    saved = []
    for number in range(12):
        step.load(number)
        saved.append(manager.save() is not None)
    assert [number for number, was in enumerate(saved) if was] == [0, 5, 10] and manager.checkpoint_interval == 5
    assert manager.save(check_interval=False) is not None


def test_a_manager_restores_or_initializes(managed, tmp_path):
    checkpoint, step = managed
    called = []
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), 3, init_fn=lambda: called.append(1))
    assert manager.restore_or_initialize() is None and called == [1]
    step.load(9)
    prefix = manager.save()
    step.load(0)
    assert manager.restore_or_initialize() == prefix and called == [1]
    assert step.eval() == 9
    assert manager.sync() is None


def test_a_manager_refuses_what_makes_no_sense(managed, tmp_path):
    with pytest.raises(ValueError, match="should be positive"):
        tf.train.CheckpointManager(managed[0], str(tmp_path), 0)
    with pytest.raises(ValueError, match="`step_counter` should be passed"):
        tf.train.CheckpointManager(managed[0], str(tmp_path), 1, checkpoint_interval=3)
