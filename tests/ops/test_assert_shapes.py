"""tf.debugging.assert_shapes: scalars, positions, sparse tensors; right values and texts are TensorFlow's."""
import numpy as np
import pytest

import graphflow as tf

check = tf.debugging.assert_shapes


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def run(op, feed=None):
    with tf.Session() as session:
        assert session.run(op, feed) is None


def test_a_scalar_is_a_vector_of_one_element():
    p = tf.placeholder(tf.float32)
    for op in (check([(tf.ones([1]), ())]), check([(tf.ones([]), (1,))]), check([(5, ())]), check([(tf.ones([]), ("*", 1))])):
        run(op)
    run(check([(p, ())]), {p: np.ones(1)})
    run(check([(p, (1,)), (p, ("*", "n"))]), {p: 1.0})


@pytest.mark.parametrize(("build", "words"), [
    (lambda: [(tf.ones([2, 3], name="y"), (3, 3))], r"Tensor y:0 dimension 0 must have size 3.  Received size 2, shape \(2, 3\)"),
    (lambda: [(tf.ones([2, 3], name="y"), ("...", 4))], "Tensor y:0 dimension 1 must have size 4"),
    (lambda: [(tf.ones([2, 3], name="a"), ("N", "M")), (tf.ones([4], name="b"), ("M",))],
     "Specified by tensor a:0 dimension 1.  Tensor b:0 dimension 0 must have size 3.  Received size 4"),
    (lambda: [(tf.ones([2], name="y"), ())], "Tensor y:0 dimension 0 must have size 1"),
    (lambda: [(tf.ones([], name="y"), (2,))], "Tensor y:0 dimension 0 must have size 2.  Received size 1"),
    (lambda: [(tf.ones([2, 1], name="y"), ())], r"Tensor y:0 must have rank in \(0, 1\).  Received rank 2"),
    (lambda: [(tf.ones([2], name="y"), 2)], "Tensor y:0.  Specified shape must be an iterable"),
    (lambda: [(tf.ones([2]), [2, "*"])], "only allowed as the first entry"),
    (lambda: [(tf.SparseTensor([[0, 0]], [1.0], [2, 3]), (2, 4))], r"Tensor shape=\(2, 3\) dtype=.* dimension 1 must have size 4"),
    (lambda: [(tf.SparseTensor([[0, 0]], [1.0], [2, 3]), (2,))], "rank 2"),
])  # fmt: skip
def test_refused_while_building(build, words):
    with pytest.raises(ValueError, match=words):
        check(build())


def test_refused_in_the_run():
    p = tf.placeholder(tf.float32, name="p")
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[Tensor p:0 dimension\] \[1\] \[must have size\] \[3\] .* \[2 4\]"):
        run(check([(p, (2, 3))]), {p: np.ones((2, 4))})
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Specified by tensor p:0 dimension 0\] \[Tensor c:0 dimension\] \[0\]"):
        run(check([(p, ("N", 3)), (tf.ones([4], name="c"), ("N",))]), {p: np.ones((2, 3))})
    sparse = tf.sparse_placeholder(tf.float32, [None, None])
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have size"):
        run(check([(sparse, (2, 3))]), {sparse: tf.SparseTensorValue([[0, 0]], [1.0], [2, 4])})
