"""What a session's target, configuration and callables' options change; right values are TensorFlow's."""
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_a_configuration_says_how_many_devices_are_listed_and_whether_graphs_have_shapes():
    tf.constant([[1, 2]])
    config = tf.ConfigProto(device_count={"CPU": 2})
    config.graph_options.infer_shapes = True
    with tf.Session(config=config) as session:
        assert [d.name for d in session.list_devices()] == [f"/job:localhost/replica:0/task:0/device:CPU:{i}" for i in range(2)]
        assert [d.size for d in session.graph_def.node[0].attr["_output_shapes"].list.shape[0].dim] == [1, 2]
    with tf.Session() as session:
        assert len(session.list_devices()) == 1 and "_output_shapes" not in session.graph_def.node[0].attr


@pytest.mark.parametrize("target", ["INVALID_TARGET", b"local", "127.0.0.1:2222"])
def test_a_target_that_nothing_answers(target):
    with pytest.raises(tf.errors.NotFoundError, match="No session factory registered for the given session options"):
        tf.Session(target)
    with tf.Session("grpc://localhost:2222") as session:
        assert session.run(tf.constant(1)) == 1


def test_a_callable_fills_run_metadata():
    p = tf.placeholder(tf.float32)
    with tf.Session() as session:
        call = session.make_callable([p + 1.0, {"twice": p * 2.0}], feed_list=[p], accept_options=True)
        metadata = tf.RunMetadata()
        assert call(41.0, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata) == [42.0, {"twice": 82.0}]
        assert len(metadata.step_stats.dev_stats) > 0
        assert call(1.0, options=None, run_metadata=None)[0] == 2.0
        with pytest.raises(TypeError, match="unexpected keyword arguments"):
            session.make_callable(p, feed_list=[p])(1.0, options=tf.RunOptions())


def test_writers_of_one_session_write_one_file(tmp_path):
    def tags(folder):
        return [[e.summary.value[0].tag for e in tf.train.summary_iterator(str(f)) if e.HasField("summary")] for f in
                sorted(folder.iterdir())]

    def write(session, folder, tag):
        writer = tf.summary.FileWriter(str(folder), session=session)
        writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=1.0)]), 1)
        writer.flush()
        return writer

    first, second = tf.Session(), tf.Session()
    for tag in ("one", "two"):
        write(first, tmp_path / "a", tag)
    assert tags(tmp_path / "a") == [["one", "two"]]
    write(second, tmp_path / "a", "three")
    assert sorted(tags(tmp_path / "a")) == [["one", "two"], ["three"]]
    write(first, tmp_path / "b", "four").close()
    write(first, tmp_path / "b", "five").close()
    assert tags(tmp_path / "b") == [["four"], ["five"]]
    with pytest.raises(TypeError, match="session must be a tf.Session"):
        tf.summary.FileWriter(str(tmp_path), session="s")
