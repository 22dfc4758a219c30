"""Datasets and iterators give TensorFlow's elements, in its order, and its nodes."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf

from . import programs

KEPT = json.loads(programs.TARGET.read_text())
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.mark.parametrize("name", sorted(KEPT))
def test_programs_give_tensorflows_lines(name):
    for mine, other in zip(getattr(programs, name)(tf), KEPT[name], strict=True):
        assert mine == other


@pytest.mark.oracle
def test_the_kept_lines_are_tensorflows(tensorflow_python, tmp_path):
    target = tmp_path / "lines.json"
    subprocess.run([tensorflow_python, "-m", "tests.ops.dataset.programs", str(target)], cwd=ROOT, check=True, capture_output=True)
    assert json.loads(target.read_text()) == KEPT


def first(dataset, count=1):
    fetch = dataset.make_one_shot_iterator().get_next()
    with tf.Session() as session:
        return [session.run(fetch) for _ in range(count)]


def test_what_is_fetched_may_be_written_to():
    source = np.arange(4.0).reshape(2, 2)
    dataset = tf.data.Dataset.from_tensor_slices(source).cache().repeat()
    fetch = dataset.make_one_shot_iterator().get_next()
    with tf.Session() as session:
        for row in (0, 1, 0, 1):
            value = session.run(fetch)
            np.testing.assert_array_equal(value, source[row])
            value[:] = -1


def test_an_uninitialized_iterator_says_what_to_run():
    fetch = tf.data.Dataset.range(3).make_initializable_iterator().get_next()
    with tf.Session() as session, pytest.raises(tf.errors.FailedPreconditionError, match="run iterator.initializer in this session first"):
        session.run(fetch)


def test_each_session_has_its_own_place():
    fetch = tf.data.Dataset.range(3).make_one_shot_iterator().get_next()
    with tf.Session() as one, tf.Session() as other:
        assert [one.run(fetch), one.run(fetch), other.run(fetch), one.run(fetch), other.run(fetch)] == [0, 1, 0, 2, 1]


def test_a_handle_of_another_session_is_refused():
    handle = tf.placeholder(tf.string, [])
    fetch = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next()
    iterator = tf.data.Dataset.range(3).make_one_shot_iterator()
    with tf.Session() as one, tf.Session() as other:
        text = one.run(iterator.string_handle())
        with pytest.raises(tf.errors.NotFoundError, match="no string handle of an iterator of this"):
            other.run(fetch, {handle: text})


def test_closing_a_session_ends_its_threads():
    import threading

    before = threading.active_count()
    fetch = tf.data.Dataset.range(10 ** 9).map(lambda x: x + 1, num_parallel_calls=3).prefetch(2).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert [session.run(fetch) for _ in range(5)] == [1, 2, 3, 4, 5]
        assert threading.active_count() > before
    for thread in threading.enumerate():
        if thread.name.startswith("graphflow-data"):
            thread.join(5)
    assert not [t for t in threading.enumerate() if t.name.startswith("graphflow-data") and t.is_alive()]


def test_maps_of_many_shapes_are_right():
    dataset = tf.data.Dataset.range(1, 40).map(lambda n: tf.cumsum(tf.ones([n], tf.int64))).map(lambda v: (tf.reduce_sum(v), v[-1]))
    assert [(int(a), int(b)) for a, b in first(dataset, 39)] == [(n * (n + 1) // 2, n) for n in range(1, 40)]


def test_a_map_that_returns_nothing_says_so():
    with pytest.raises(TypeError, match="Unsupported return value"):
        tf.data.Dataset.range(3).map(lambda x: None)


def test_iterators_of_other_types_are_refused():
    iterator = tf.data.Iterator.from_structure(tf.int64, tf.TensorShape([]))
    with pytest.raises(TypeError, match="Expected output types"):
        iterator.make_initializer(tf.data.Dataset.from_tensors(1.0))
    with pytest.raises(TypeError, match="Expected output shapes compatible"):
        iterator.make_initializer(tf.data.Dataset.range(3).batch(2))
    with pytest.raises(ValueError, match="does not have an initializer"):
        tf.data.Dataset.range(3).make_one_shot_iterator().initializer  # noqa: B018 - the property raises


def test_a_graph_with_a_dataset_runs_from_its_graphdef():
    dataset = tf.data.Dataset.range(6).map(lambda x: x * 2).filter(lambda x: x > 2).batch(2)
    fetch = dataset.make_one_shot_iterator().get_next()
    text = tf.get_default_graph().as_graph_def().SerializeToString()
    with tf.Graph().as_default():
        message = tf.GraphDef()
        message.ParseFromString(text)
        (again,) = tf.import_graph_def(message, return_elements=[fetch.name], name="")
        with tf.Session() as session:
            assert [session.run(again).tolist(), session.run(again).tolist()] == [[4, 6], [8, 10]]


def test_a_generator_that_raises_says_where():
    def generator():
        yield 1
        raise ValueError("no more of that")

    fetch = tf.data.Dataset.from_generator(generator, tf.int32).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert session.run(fetch) == 1
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)ValueError: no more of that.*test_datasets.py"):
            session.run(fetch)


def test_a_missing_file_is_told_by_its_name_and_the_next_one_is_read(tmp_path):
    (tmp_path / "b").write_text("x")
    fetch = tf.data.TextLineDataset([str(tmp_path / "a"), str(tmp_path / "b")]).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        with pytest.raises(tf.errors.NotFoundError, match=str(tmp_path / "a")):
            session.run(fetch)
        assert session.run(fetch) == b"x"


def test_a_damaged_record_file_is_told_by_its_name(tmp_path):
    path = tmp_path / "records"
    with tf.python_io.TFRecordWriter(str(path)) as writer:
        writer.write(b"whole")
    path.write_bytes(path.read_bytes() + b"half")
    fetch = tf.data.TFRecordDataset(str(path)).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert session.run(fetch) == b"whole"
        with pytest.raises(tf.errors.DataLossError, match="records"):
            session.run(fetch)


def test_contrib_answers_with_the_same_functions():
    assert tf.contrib.data.TFRecordDataset is tf.data.TFRecordDataset
    assert tf.contrib.data.map_and_batch is tf.data.experimental.map_and_batch
    assert first(tf.data.Dataset.range(5).apply(tf.contrib.data.batch_and_drop_remainder(2)), 2)[1].tolist() == [2, 3]


def test_monitored_sessions_stop_at_the_end_of_a_dataset():
    step = tf.train.get_or_create_global_step()
    total = tf.get_variable("total", initializer=tf.constant(0, tf.int64))
    iterator = tf.data.Dataset.range(5).make_initializable_iterator()
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
    with tf.control_dependencies([tf.assign_add(total, iterator.get_next())]):
        train = tf.assign_add(step, 1)
    sums = []
    with tf.train.MonitoredTrainingSession() as session:
        while not session.should_stop():
            session.run(train)
            sums.append(session.run(total))
    assert sums == [0, 1, 3, 6, 10]


def test_threads_of_one_session_share_an_iterator():
    from concurrent.futures import ThreadPoolExecutor

    fetch = tf.data.Dataset.range(200).map(lambda x: x * 2, num_parallel_calls=2).prefetch(3).make_one_shot_iterator().get_next()
    with tf.Session() as session, ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(lambda _: int(session.run(fetch)), range(200))) == [2 * i for i in range(200)]


def test_a_reinitialized_iterator_begins_anew_while_its_threads_read_ahead():
    iterator = tf.data.Dataset.range(100).map(lambda x: x + 1, num_parallel_calls=2).prefetch(2).make_initializable_iterator()
    fetch = iterator.get_next()
    with tf.Session() as session:
        for _ in range(10):
            session.run(iterator.initializer)
            assert [session.run(fetch) for _ in range(3)] == [1, 2, 3]


def test_options_are_kept_and_merged():
    options = tf.data.Options()
    options.experimental_deterministic = False
    dataset = tf.data.Dataset.range(3).with_options(options)
    assert dataset.options() == options and dataset.options() != tf.data.Options()
    assert first(dataset, 3) == [0, 1, 2]
    other = tf.data.Options()
    other.experimental_deterministic = True
    with pytest.raises(ValueError, match="incompatible values of option: experimental_deterministic"):
        dataset.with_options(other)


def test_options_of_threads_and_rewriting_are_kept_and_merged():
    first, second = tf.data.Options(), tf.data.Options()
    first.experimental_threading.private_threadpool_size = 2
    second.experimental_optimization.map_vectorization.enabled = True
    found = tf.data.Dataset.range(3).with_options(first).with_options(second).options()
    assert found.experimental_threading.private_threadpool_size == 2 and found.experimental_optimization.map_vectorization.enabled
    assert first == first.merge(tf.data.Options()) and first != second
    second.experimental_threading.private_threadpool_size = 3
    with pytest.raises(ValueError, match="private_threadpool_size"):
        first.merge(second)


def test_element_spec_tells_what_an_element_is():
    dataset = tf.data.Dataset.from_tensors({"a": tf.SparseTensor([[0]], [1.5], [3]), "b": (1, ["x", "y"])})
    spec = {"a": tf.SparseTensorSpec([3], tf.float32), "b": (tf.TensorSpec([], tf.int32), tf.TensorSpec([2], tf.string))}
    assert dataset.element_spec == spec == dataset.make_one_shot_iterator().element_spec
    nothing = tf.data.experimental.Optional.none_from_structure(spec)
    assert nothing.value_structure == spec and not tf.Session().run(nothing.has_value())
    with pytest.raises(NotImplementedError, match="output_types"):
        assert tf.data.Dataset.range(4).window(2).element_spec
