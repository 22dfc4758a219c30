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
