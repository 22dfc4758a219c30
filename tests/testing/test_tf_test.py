"""tf.test as TF1 programs use it."""
import numpy as np
import pytest

import graphflow as tf


class SquareTest(tf.test.TestCase):
    def testSquare(self):
        with self.test_session():
            x = tf.square([2.0, 3.0])
            self.assertAllEqual(x.eval(), [4.0, 9.0])
            self.assertAllClose(x, [4.0, 9.0 + 1e-8])
            self.assertNotAllClose(x, [4.0, 9.1])

    def testCachedSessionKeepsVariables(self):
        v = tf.Variable(3.0)
        with self.cached_session() as session:
            session.run(v.initializer)
        with self.cached_session():
            self.assertNear(v.eval(), 3.0, 1e-6)

    def testMoreAssertions(self):
        self.assertDTypeEqual(tf.zeros([2]), np.float32)
        self.assertDTypeEqual([1.0], tf.float64)
        self.assertAllGreaterEqual([1, 2], 1)
        self.assertAllLessEqual(tf.constant([1, 2]), 2)
        self.assertAllInSet(tf.constant([1, 2, 1]), {1, 2, 3})
        self.assertNotAllEqual([1, 2], [1, 3])
        self.assertItemsEqual([1, 2, 2], [2, 1, 2])
        self.assertSameElements([1, 2], [2, 1, 1])
        self.assertContainsSubset([1], [1, 2])
        self.assertEmpty([])
        self.assertNotEmpty([1])
        self.assertLen([1, 2], 2)
        self.assertBetween(2, 1, 3)
        self.assertStartsWith("graph", "gr")
        self.assertEndsWith("graph", "ph")
        self.assertEquals(1, 1)  # noqa: UP005
        self.assertRegexpMatches("a graph", "gr.ph")  # noqa: UP005
        self.assertProtoEquals("name: 'x' op: 'NoOp'", tf.NodeDef(name="x", op="NoOp"))
        with self.assertRaisesRegexp(ValueError, "must be equal"):  # noqa: UP005
            tf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3]))
        with self.assertRaisesWithLiteralMatch(KeyError, "'a'"):
            {}["a"]

    def testMoreAssertionsFail(self):
        for check in (lambda: self.assertDTypeEqual(tf.zeros([2]), np.float64), lambda: self.assertAllInSet([4], {1}),
                      lambda: self.assertAllGreaterEqual([1, 2], 2), lambda: self.assertNotAllEqual([1], [1]),
                      lambda: self.assertItemsEqual([1], [1, 1]), lambda: self.assertLen([1], 2), lambda: self.assertEmpty([1]),
                      lambda: self.assertProtoEquals("name: 'y'", tf.NodeDef(name="x")), lambda: self.assertBetween(4, 1, 3),
                      lambda: self.assertRaisesWithLiteralMatch(KeyError, "b", lambda: {}["a"]),
                      lambda: self.assertRaisesWithLiteralMatch(KeyError, "b", lambda: None)):
            with self.assertRaises(AssertionError):
                check()

    def testErrors(self):
        x = tf.placeholder(tf.float32, name="x")
        with self.session() as session, self.assertRaisesOpError("must feed a value for placeholder tensor 'x'"):
            session.run(x)
        with self.assertRaises(AssertionError):
            self.assertAllClose([1.0, 2.0], [1.0, 2.5])
        with self.assertRaises(AssertionError):
            self.assertShapeEqual(np.zeros(2), np.zeros(3))

    def testGradients(self):
        with self.session():
            x = tf.constant(np.array([[1.0, 2.0], [3.0, 4.0]]))
            good = tf.test.compute_gradient_error(x, [2, 2], tf.exp(x * 0.5), [2, 2], x_init_value=np.ones((2, 2)))
            self.assertLess(good, 1e-6)
            wrong = tf.exp(x) + tf.stop_gradient(x * 3.0)
            self.assertGreater(tf.test.compute_gradient_error(x, [2, 2], wrong, [2, 2]), 2.9)


def test_places_and_devices():
    assert tf.test.is_built_with_cuda() is False and tf.test.gpu_device_name() == ""
    assert tf.test.is_gpu_available() is False
    folder = tf.test.get_temp_dir()
    assert folder == tf.test.get_temp_dir()


def test_case_gives_each_test_a_new_graph():
    case = SquareTest("testSquare")
    tf.constant(1.0)
    case.setUp()
    assert tf.get_default_graph().get_operations() == [] and tf.get_default_graph().seed == 87654321
    case.tearDown()
    with pytest.raises(AssertionError, match="not raised"), case.assertRaisesOpError("x"):
        pass
