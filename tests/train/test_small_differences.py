"""Details of TF1's variables, checkpoints, metrics and losses that programs rely on; right values are TensorFlow's."""

import threading

import numpy as np
import pytest

import graphflow as tf

Sync, Combine = tf.VariableSynchronization, tf.VariableAggregation


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_a_cached_read_comes_before_a_write_of_the_same_run():
    x = tf.Variable(0.0, caching_device="/cpu:0", use_resource=True)
    with tf.Session() as session:
        session.run(x.initializer)
        assert [float(v) for v in session.run([x, x.assign_add(1.0)])] == [0.0, 1.0]
        assert session.run(x) == 1.0
    assert x.value() is x.value()


def test_the_caching_device_is_that_of_the_read():
    assert tf.Variable(2.0, caching_device="/job:foo", use_resource=False).value().device == "/job:foo"
    with tf.variable_scope("s", caching_device="/job:bar"):
        assert tf.get_variable("v", [], use_resource=False).value().device == "/job:bar"


@pytest.mark.parametrize("use_resource", [False, True])
def test_synchronization_and_aggregation_are_kept(use_resource):
    v = tf.get_variable("v", [], synchronization=Sync.ON_WRITE, aggregation=Combine.MEAN, use_resource=use_resource)
    assert (v.synchronization, v.aggregation) == (Sync.ON_WRITE, Combine.MEAN)
    message = v.to_proto()
    assert (message.synchronization, message.aggregation) == (2, 2)
    assert tf.Variable.from_proto(message).aggregation is Combine.MEAN
    local = tf.Variable(1.0, synchronization=Sync.ON_READ, use_resource=use_resource)
    assert not local.trainable and local not in tf.trainable_variables()


def test_a_meta_graph_is_imported_into_the_name_scope_around_or_the_graph_given(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable(0.5, name="w")
        session.run(tf.global_variables_initializer())
        path = tf.train.Saver().save(session, str(tmp_path / "c"))
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.name_scope("new"):
            saver = tf.train.import_meta_graph(path + ".meta")
        assert [v.name for v in tf.global_variables()] == ["new/w:0"]
        saver.restore(session, path)
        assert session.run("new/w:0") == 0.5
    other = tf.Graph()
    tf.train.import_meta_graph(path + ".meta", graph=other, import_scope="new")
    assert [v.name for v in other.get_collection("variables")] == ["new/w:0"]
    assert not tf.get_default_graph().get_operations()


def test_a_manager_deletes_no_checkpoint_that_it_did_not_write(tmp_path):
    with tf.Session().as_default():
        checkpoint = tf.train.Checkpoint()
        mine = [checkpoint.save(str(tmp_path / "mine")) for _ in range(2)]
        checkpoint = tf.train.Checkpoint()
        manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
        checkpoint.restore(manager.latest_checkpoint).run_restore_ops()
        own = [manager.save() for _ in range(4)]
        assert [tf.train.checkpoint_exists(p) for p in mine] == [True, True]
        assert [tf.train.checkpoint_exists(p) for p in own] == [False, False, True, True]


def test_of_the_savers_a_meta_graph_keeps_the_one_that_writes_it():
    a, b = tf.Variable(1.0, name="a"), tf.Variable(1.0, name="b")
    savers = [tf.train.Saver({"a": a}), tf.train.Saver({"b": b})]
    for saver in savers:
        tf.add_to_collection("savers", saver)
    assert len(savers[1].export_meta_graph(clear_extraneous_savers=True).collection_def["savers"].bytes_list.value) == 1
    assert len(savers[1].export_meta_graph().collection_def["savers"].bytes_list.value) == 2


def test_an_optimizer_names_the_variables_of_this_graph():
    optimizer = tf.train.MomentumOptimizer(0.01, 0.5)
    for name in ("v0", "v1"):
        with tf.Graph().as_default():
            optimizer.minimize(tf.reduce_sum(tf.Variable([1.0], name=name)))
            assert [v.name for v in optimizer.variables()] == [f"{name}/Momentum:0"]


def test_slots_of_adagrad_da_are_named_as_in_checkpoints_of_tensorflow():
    v = tf.Variable([1.0], name="v")
    tf.train.AdagradDAOptimizer(0.1, tf.train.get_or_create_global_step()).minimize(v * v)
    assert sorted(x.name for x in tf.global_variables()) == ["global_step:0", "v/AdagradDA:0", "v/AdagradDA_1:0", "v:0"]


def test_each_thread_has_variable_scopes_of_its_own():
    graph, go, names = tf.get_default_graph(), threading.Event(), []

    def work(ready):
        with graph.as_default(), tf.variable_scope("foo"):
            names.append(tf.get_variable_scope().name)
            ready.set()
            go.wait(5)

    ready = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=work, args=(event,)) for event in ready]
    for thread, event in zip(threads, ready, strict=True):
        thread.start()
        event.wait(5)
    go.set()
    for thread in threads:
        thread.join()
    assert names == ["foo", "foo"]


def test_zeros_for_a_resource_variable_that_the_result_does_not_depend_on():
    v = tf.Variable([[3.0, 4.0]], use_resource=True)
    (found,) = tf.gradients(tf.constant(0.0), [v], unconnected_gradients="zero")
    assert (found.shape.as_list(), found.dtype) == ([1, 2], tf.float32)


@pytest.mark.parametrize("use_resource", [False, True])
def test_zeros_for_a_variable_around_a_branch_that_does_not_depend_on_it(use_resource):
    v = tf.Variable([[3.0, 4.0]], use_resource=use_resource)
    asked = tf.placeholder_with_default(True, [])

    def branch():
        return tf.gradients(tf.constant(2.0), [v], unconnected_gradients="zero")[0] + 1.0

    result = tf.cond(asked, branch, lambda: tf.zeros([1, 2]))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(result).tolist() == [[1.0, 1.0]] and session.run(result, {asked: False}).tolist() == [[0.0, 0.0]]


def unknown(value):
    return tf.placeholder_with_default(np.asarray(value, np.float32), None)


@pytest.mark.parametrize("values, weights", [
    ((3, 2, 4, 1), (3, 2, 4, 2)), ((3, 2, 4, 1), (1,)), ((3, 2), (3,)), ((3, 2), (2, 2)), ((3, 2), (3, 2, 1)),
])  # fmt: skip
def test_loss_weights_that_do_not_fit_are_refused_in_the_run(values, weights):
    loss = tf.losses.compute_weighted_loss(unknown(np.ones(values)), unknown(np.ones(weights)))
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="weights can not be broadcast to values"):
        session.run(loss)


@pytest.mark.parametrize("weights", [(), (3, 2), (3, 1), (1, 2), (1, 1)])
def test_loss_weights_that_fit_are_taken(weights):
    loss = tf.losses.compute_weighted_loss(unknown(np.ones((3, 2))), unknown(np.full(weights, 2.0)))
    with tf.Session() as session:
        assert session.run(loss) == 2.0


@pytest.mark.parametrize("weights", [[[100], [1], [1]], [100, 1, 1]])
def test_weights_of_a_metric_take_the_rank_of_the_labels_in_the_run(weights):
    given = tf.placeholder(tf.int32)
    _, update = tf.metrics.accuracy(tf.expand_dims([1, 0, 0], 1), [1, 1, 1], given)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        assert session.run(update, {given: weights}) == np.float32(100 / 102)
        assert session.run(update, {given: 1}) == np.float32(101 / 105)


def test_constants_wrap_around_as_those_of_tensorflow():
    with tf.Session() as session:
        assert session.run(tf.constant([0, -1], tf.uint8)).tolist() == [0, 255]
        assert session.run(tf.pad(np.zeros((1, 1), np.uint8), [[0, 0], [0, 1]], constant_values=-123)).tolist() == [[0, 133]]


def test_arrays_and_numbers_of_numpy_keep_their_dtype_in_a_stack():
    assert tf.stack([np.ones(2), np.ones(2)]).dtype == tf.float64
    assert tf.constant([np.int8(1)]).dtype == tf.int8
    assert tf.constant([np.int64(1), 2]).dtype == tf.int32      # TensorFlow takes the narrower one if all fit


def test_texts_in_arrays_of_objects_become_bytes():
    x = tf.placeholder(tf.string, [None])
    with tf.Session() as session:
        assert session.run(tf.identity(x), {x: np.array(["a", "\u00e1"], object)}).tolist() == [b"a", b"\xc3\xa1"]


def test_quantized_numbers_are_fetched_as_integers():
    with tf.Session() as session:
        found = session.run(tf.cast(tf.constant([1, 2]), tf.quint8))
        assert (found.dtype, found.tolist()) == (np.uint8, [1, 2])
        assert session.run(tf.cast(tf.constant(3), tf.qint32)) == 3


@pytest.mark.parametrize("function, first, second", [
    (tf.tanh, 0.33744184 + 1.8578427j, 4.5863466 - 0.7586107j), (tf.sigmoid, 0.20389294 + 0.4965181j, 0.312025 - 0.1476161j),
])  # fmt: skip
def test_complex_gradients_are_conjugated_once(function, first, second):
    x, given = tf.constant([-0.5 - 0.3j]), tf.constant([1 + 2j])
    (once,) = tf.gradients(function(x), x, grad_ys=given)
    (twice,) = tf.gradients(once, x, grad_ys=given)
    with tf.Session() as session:
        np.testing.assert_allclose(session.run([once, twice]), [[first], [second]], rtol=1e-6)
