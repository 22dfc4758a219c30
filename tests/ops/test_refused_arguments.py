"""Arguments that TensorFlow refuses, or takes, where numpy would do the other."""

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


@pytest.mark.parametrize("build", [
    lambda: tf.strings.length(["a"], unit="XYZ"),
    lambda: tf.substr(b"test", 3, 1, unit="UTF8"),
    lambda: tf.substr([["ten", "six", "one"]], [[1, 2, 0]], [1, 1, 1]),
    lambda: tf.string_split(["b|c"], delimiter=["a"]),
    lambda: tf.reduce_sum(np.ones((2, 3)), np.array([[0], [1]])),
    lambda: tf.Variable(np.zeros(3), shape=[4], use_resource=True),
    lambda: tf.make_tensor_proto(np.array([1, 2]), shape=[1]),
])  # fmt: skip
def test_refused_while_building(build):
    with pytest.raises(ValueError):
        build()


def test_refused_in_the_run():
    delimiter = tf.placeholder(tf.string)
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"delimiter must be a scalar, got shape: \[1\]"):
            session.run(tf.string_split(["b|c"], delimiter=delimiter), {delimiter: ["a"]})
        with pytest.raises(tf.errors.UnimplementedError, match="Cast int64 to string is not supported"):
            session.run(tf.cast(np.arange(3), tf.string))


def test_another_partition_of_a_partitioned_variable_is_refused():
    with tf.variable_scope("s", partitioner=lambda shape, **_: [2]):
        tf.get_variable("n", [6])
    scope = tf.variable_scope("s", partitioner=lambda shape, **_: [3], reuse=True)
    with scope, pytest.raises(ValueError, match=r"specified partitions \[3\] and found partitions \[2\]"):
        tf.get_variable("n", [6])


def test_taken():
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
        assert tf.get_variable("n", shape=()).name == "s/n:0"
    with tf.device("cpu:0"):
        assert tf.constant(1).device == "/device:CPU:0"
    assert tf.constant(1.0, name=b"e").name == "e:0"
    with tf.Session() as session:
        assert session.run(tf.string_to_number(["0xF", "0x1p3"])).tolist() == [15.0, 8.0]
        assert session.run(tf.initializers.identity()(tf.TensorShape([2, 2]))).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert tf.make_ndarray(tf.make_tensor_proto(10.0, shape=[1, 3])).tolist() == [[10.0] * 3]
    assert tf.make_ndarray(tf.make_tensor_proto([10, 11], shape=[2, 2])).tolist() == [[10, 11], [11, 11]]
    array = tf.make_ndarray(tf.make_tensor_proto([10.0, 20.0]))
    array[0] = 5


def test_device_specs_make_new_ones():
    spec = tf.DeviceSpec(job="a")
    assert spec.replace(task=3).to_string() == spec.make_merged_spec(tf.DeviceSpec(task=3)).to_string() == "/job:a/task:3"
    assert spec.to_string() == "/job:a"


def test_numpy_reads_and_text_writes_through_gfile(tmp_path):
    np.savez(tmp_path / "z.npz", a=1)
    with tf.gfile.GFile(str(tmp_path / "z.npz"), "rb") as file:
        assert {k: int(v) for k, v in np.load(file).items()} == {"a": 1}
    with tf.gfile.GFile(str(tmp_path / "a"), "wb") as file:
        file.write("testing")
    assert (tmp_path / "a").read_text() == "testing"


def test_batch_dims_may_be_none():
    with tf.Session() as session:
        assert session.run(tf.gather([[10, 11, 12], [13, 14, 15]], [1, 0], axis=1, batch_dims=None)).tolist() == [[11, 10], [14, 13]]


def test_a_template_lists_what_is_not_trainable():
    def body():
        return tf.get_variable("w", []), tf.get_variable("steps", [], trainable=False)

    template = tf.make_template("t", body)
    template()
    assert [v.name for v in template.non_trainable_variables] == ["t/steps:0"]


@pytest.mark.parametrize("build", [
    lambda x, z: tf.space_to_batch(x, z, 0),
    lambda x, z: tf.space_to_depth(x, 1),
    lambda x, z: tf.space_to_depth(x[0], 2),
    lambda x, z: tf.batch_to_space_nd(x, [1, 1], [[0, -1], [0, 0]]),
])  # fmt: skip
def test_blocks_that_cannot_be(build):
    with pytest.raises(ValueError, match="must be|cannot be|less than minimum 2"):
        build(np.zeros((1, 2, 2, 1), np.float32), np.zeros((2, 2), np.int32))


def test_what_is_known_of_blocks_of_unknown_size():
    x, pads = tf.placeholder(tf.float32, [None, None, None, 2]), tf.placeholder(tf.int32)
    assert tf.space_to_batch_nd(x, tf.placeholder(tf.int32, [2]), pads).shape.as_list() == [None, None, None, 2]
    assert tf.batch_to_space(tf.placeholder(tf.float32), pads, block_size=4).shape.as_list() == [None] * 4


def test_a_resource_variable_may_be_the_loss_itself():
    a = tf.get_variable("a", initializer=10.0, use_resource=True)
    step = tf.train.GradientDescentOptimizer(0.5).minimize(a)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run(a) == 9.5


@pytest.mark.parametrize(("ids", "words"), [
    ([0, 1, 2, 0], r"Segment id 1 out of range \[0, 1\), possibly because 'segment_ids' input is not sorted"),
    ([-1, -1, 0, 0], r"Segment id -1 out of range \[0, 1\)"),
    ([0, 0, 0, -1], "segment ids must be >= 0"),
    ([0, 2, 1, 2], "segment ids are not increasing"),
    ([0, 3, 1, 2], r"Segment id 3 out of range|segment ids are not increasing"),
])  # fmt: skip
def test_segment_ids_are_refused_with_tensorflows_words(ids, words):
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=words):
        session.run(tf.segment_sum(np.ones((4, 4)), ids))


def test_texts_of_errors_that_programs_match_on():
    any_, ids = tf.placeholder(tf.float32, [10, 10], name="p"), tf.placeholder(tf.int32)
    sparse = tf.SparseTensor([[0, 0, 1, 0]], [10], [1, 1, 4, 2])
    rows = [
        (any_, {}, tf.errors.InvalidArgumentError, r"placeholder tensor 'p' with dtype float and shape \[10,10\]"),
        (tf.decode_base64("abcda"), {}, tf.errors.InvalidArgumentError, "Base64 string length cannot be 1 modulo 4"),
        (tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids, logits=[[7.0]]), {ids: 0}, tf.errors.InvalidArgumentError,
         r"labels must be 1-D, but got shape \[\]"),
        (tf.py_func(lambda: {"a": 1}, [], tf.int64), {}, tf.errors.InternalError, "Unsupported object type dict"),
        (tf.sparse_to_dense([1, 3], [5], [[5], [3]], -1), {}, tf.errors.InvalidArgumentError,
         r"sparse_values has incorrect shape \[2,1\], should be \[\] or \[2\]"),
        (tf.ones([3, 4, 1], tf.int32) * sparse, {}, tf.errors.InvalidArgumentError,
         r"broadcasts dense to sparse only; got incompatible shapes: \[1,1,4,2\] vs. \[3,4,1\]"),
    ]
    with tf.Session() as session:
        for fetch, feed, kind, words in rows:
            with pytest.raises(kind, match=words):
                session.run(fetch, feed)


def test_several_ids_become_several_axes():
    ids = [tf.SparseTensor([[0, 0], [1, 0]], np.array(x), [2, 1]) for x in ([0, 3], [5, 1])]
    values = tf.SparseTensor([[0, 0], [1, 0]], [1.0, 2.0], [2, 1])
    with tf.Session() as session:
        found, one = session.run([tf.sparse_merge(ids, values, [10, 12]), tf.sparse_merge(ids[:1], values, [10])])
    assert (found.indices.tolist(), found.dense_shape.tolist()) == ([[0, 0, 5], [1, 3, 1]], [2, 10, 12])
    assert one.indices.tolist() == [[0, 0], [1, 3]]
    for sizes, kind, words in ((10, TypeError, "vocab_size has to be a list"), ([10], ValueError, "have to have equal lengths")):
        with pytest.raises(kind, match=words):
            tf.sparse_merge(ids, values, sizes)
    with pytest.raises(TypeError, match="vocab_size has to be a Tensor or Python int"):
        tf.sparse_merge(ids[0], values, [10])


def test_device_types_are_kept_as_they_are_but_for_cpu_and_gpu():
    spec = tf.DeviceSpec
    assert [spec.from_string(text).to_string() for text in ("/device:MyDev:2", "/cpu:0", "/device:gpu:*", "/job:A/device:xla_cpu:0")] == [
        "/device:MyDev:2", "/device:CPU:0", "/device:GPU:*", "/job:A/device:xla_cpu:0"]
    assert spec(device_type="gpu", device_index=1).to_string() == "/device:GPU:1"


def test_softmax_of_sparse_vectors_is_refused_as_there_are_no_rows():
    size = tf.placeholder(tf.int64)
    softmax = tf.sparse_softmax(tf.SparseTensor([[0]], [1.0], size))
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="Input should have rank >= 2, but got: 1"):
        session.run(softmax, {size: [3]})
