"""Queue input of old: producers, readers, batches; whole programs with a coordinator; nodes as TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results

from . import input_programs

PROGRAMS = sorted(name for name in vars(input_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def collected(fetches):
    """All values that a program gives until its input ends."""
    found = []
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        try:
            while not coord.should_stop():
                found.append(session.run(fetches))
        except tf.errors.OutOfRangeError:
            pass
        finally:
            coord.request_stop()
        coord.join(threads)
    return found


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.train.input_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_have_tensorflows_nodes(name, theirs):
    assert not node_differences(run_program(getattr(input_programs, name), tf)["nodes"], theirs[name]["nodes"])


def test_a_classic_program_reads_lines_decodes_shuffles_and_batches(tmp_path):
    for number in range(3):
        lines = [f"{100 * number + i},{i % 2}" for i in range(20)]
        (tmp_path / f"part{number}.csv").write_text("\n".join(["x,y", *lines]) + "\n")
    names = tf.train.string_input_producer([str(p) for p in sorted(tmp_path.iterdir())], num_epochs=2, seed=1)
    _, line = tf.TextLineReader(skip_header_lines=1).read(names)
    x, label = tf.decode_csv(line, [[0.0], [0]])
    xs, labels = tf.train.shuffle_batch([x, label], batch_size=8, capacity=50, min_after_dequeue=20, num_threads=2, seed=3)
    assert xs.shape.as_list() == [8] and labels.dtype == tf.int32
    w = tf.Variable(0.0)
    train = tf.train.GradientDescentOptimizer(1e-6).minimize(tf.reduce_mean(tf.square(xs * w - tf.cast(labels, tf.float32))))
    batches = collected([xs, labels, train])
    assert len(batches) == 15
    values = np.concatenate([b[0] for b in batches]).tolist()
    assert sorted(values) == sorted(2 * [100.0 * n + i for n in range(3) for i in range(20)]) and values != sorted(values)
    assert all(int(v) % 2 == label for b in batches for v, label in zip(b[0], b[1]))


def test_the_last_batch_may_be_smaller():
    number = tf.train.range_input_producer(10, num_epochs=1, shuffle=False).dequeue()
    rows = tf.train.batch([number], 4, allow_smaller_final_batch=True)
    assert [b.tolist() for b in collected(rows)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_slices_of_one_index_stay_together_in_random_order():
    a, b = tf.train.slice_input_producer([np.arange(8), 10 * np.arange(8)], num_epochs=1, seed=5)
    found = collected([a, b])
    assert sorted(int(x) for x, _ in found) == list(range(8)) and all(10 * x == y for x, y in found)
    assert [int(x) for x, _ in found] != list(range(8))


def test_examples_of_different_sizes_are_padded():
    n = tf.train.range_input_producer(4, num_epochs=1, shuffle=False).dequeue()
    padded = tf.train.batch({"row": tf.range(n), "n": n}, 2, dynamic_pad=True)
    assert [(b["n"].tolist(), b["row"].tolist()) for b in collected(padded)] == [([0, 1], [[0], [0]]), ([2, 3], [[0, 1, 0], [0, 1, 2]])]


@pytest.mark.parametrize("join", [False, True])
def test_only_examples_to_keep_come_through(join):
    n = tf.train.range_input_producer(12, num_epochs=1, shuffle=False).dequeue()
    keep = tf.equal(n % 3, 0)
    kept = tf.train.maybe_batch_join([[n]], keep, 2) if join else tf.train.maybe_batch([n], keep, 2)
    assert [b.tolist() for b in collected(kept)] == [[0, 3], [6, 9]]


def test_rows_to_keep_come_through():
    n = tf.train.range_input_producer(3, num_epochs=1, shuffle=False).dequeue()
    rows = n * 10 + tf.range(4)
    assert [b.tolist() for b in collected(tf.train.maybe_batch([rows], rows % 2 > 0, 2, enqueue_many=True))] == [[1, 3], [11, 13], [21, 23]]
    tf.reset_default_graph()
    n = tf.train.range_input_producer(6, num_epochs=1, shuffle=False).dequeue()
    some = tf.train.maybe_shuffle_batch([n], 3, 10, 2, n > 2, seed=1)
    assert [sorted(b.tolist()) for b in collected(some)] == [[3, 4, 5]]


@pytest.mark.parametrize("join", [lambda parts: tf.train.batch_join(parts, 2), lambda parts: tf.train.shuffle_batch_join(parts, 2, 20, 5),
                                  lambda parts: tf.train.maybe_shuffle_batch_join(parts, 2, 20, 5, tf.constant(True))])
def test_joined_inputs_are_read_side_by_side(join):
    joined = join([[tf.train.range_input_producer(5, num_epochs=1, name=f"p{i}").dequeue() + 10 * i] for i in range(2)])
    assert joined.shape.as_list() == [2]
    assert sorted(np.concatenate(collected(joined))) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]


READERS = {
    "TextLine": (lambda: tf.TextLineReader(skip_header_lines=1), ["a:2=a,1", "a:3=b,2", "a:4=", "a:5=c", "b:2=x"]),
    "WholeFile": (tf.WholeFileReader, ["a=h\na,1\nb,2\n\nc", "b=h\r\nx\r\n"]),
    "Identity": (tf.IdentityReader, ["a=a", "b=b"]),
    "FixedLength": (lambda: tf.FixedLengthRecordReader(3, header_bytes=1), ["a:0=\na,", "a:1=1\nb", "a:2=,2\n", "b:0=\r\nx"]),
    "FixedLength hop": (lambda: tf.FixedLengthRecordReader(3, hop_bytes=2),
                        ["a:0=h\na", "a:1=a,1", "a:2=1\nb", "a:3=b,2", "a:4=2\n\n", "b:0=h\r\n", "b:1=\nx\r"]),
}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("kind", READERS)
def test_readers_give_tensorflows_records(kind, old, tmp_path, monkeypatch):
    """What TensorFlow 2.21 gives for the same two files."""
    make, wanted = READERS[kind]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(b"h\na,1\nb,2\n\nc")
    (tmp_path / "b").write_bytes(b"h\r\nx\r\n")
    queue, reader = tf.FIFOQueue(10, tf.string, [[]]), make()
    queue.enqueue_many([["a", "b"]], name="put"), queue.close(name="close")
    reader.read(queue, name="read"), reader.read_up_to(queue, 100, name="more"), reader.reset(name="reset")
    reader.num_records_produced(name="produced"), reader.num_work_units_completed(name="completed")
    message = tf.get_default_graph().as_graph_def()
    for node in message.node if old else ():
        node.op = node.op.removesuffix("V2")
        node.attr.pop("encoding", None)
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")
        with tf.Session() as session:
            session.run("put"), session.run("close")
            first = session.run(["read:0", "read:1"])
            found = [b"=".join(first).decode()]
            assert session.run("produced:0") == 1
            while len(found) < len(wanted):
                keys, values = session.run(["more:0", "more:1"])
                found += [f"{k.decode()}={v.decode()}" for k, v in zip(keys, values)]
            assert found == wanted and session.run("produced:0") == len(wanted)
            with pytest.raises(tf.errors.OutOfRangeError, match="is closed and has insufficient elements"):
                session.run("read:0")
            assert session.run("completed:0") == 2
            session.run("reset")
            assert session.run(["produced:0", "completed:0"]) == [0, 0]


def test_records_are_read_with_their_offsets(tmp_path):
    path = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(path) as writer:
        for text in (b"one", b"three"):
            writer.write(text)
    queue = tf.FIFOQueue(10, tf.string, [[]])
    keys, values = tf.TFRecordReader().read_up_to(queue, 9)
    with tf.Session() as session:
        session.run(queue.enqueue([path]))
        assert [v.tolist() for v in session.run([keys, values])] == [[f"{path}:0".encode(), f"{path}:19".encode()], [b"one", b"three"]]
        session.run(queue.enqueue(["nowhere"]))
        with pytest.raises(tf.errors.NotFoundError, match="nowhere"):
            session.run(keys)


@pytest.mark.parametrize(("build", "text"), [
    (lambda: tf.train.string_input_producer([]), "string_input_producer requires a non-null input tensor"),
    (lambda: tf.train.batch([tf.placeholder(tf.float32, [None])], 2), "All shapes must be fully defined"),
    (lambda: tf.train.batch([tf.placeholder(tf.float32)], 2), "Cannot infer Tensor's rank"),
    (lambda: tf.train.batch([], 2), r"Expected at least one tensor in batch\(\)."),
    (lambda: tf.train.limit_epochs(tf.constant(1.0), 0), "num_epochs must be > 0 not 0."),
    (lambda: tf.train.slice_input_producer([]), "Expected at least one tensor in slice_input_producer"),
    (lambda: tf.train.input_producer(tf.placeholder(tf.string)), "`element_shape` must be specified"),
    (lambda: tf.train.maybe_batch([tf.constant(1)], [True], 2), "cannot be a vector when `enqueue_many=False`")])
def test_what_does_not_fit_is_refused(build, text):
    with pytest.raises(ValueError, match=text):
        build()
