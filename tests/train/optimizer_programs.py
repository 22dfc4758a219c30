"""Fifty steps of each optimizer on a small regression: ref and resource variables, dense and sparse gradients.

The same programs run in TensorFlow (`python -m tests.train.optimizer_programs OUT.npz`, which wrote tests/data/optimizers).
"""
import itertools
import sys

import numpy as np

OPTIMIZERS = {
    "gd": lambda t: t.GradientDescentOptimizer(0.1),
    "momentum": lambda t: t.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda t: t.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adagrad": lambda t: t.AdagradOptimizer(0.1),
    "adadelta": lambda t: t.AdadeltaOptimizer(1.0),
    "rmsprop": lambda t: t.RMSPropOptimizer(0.01, momentum=0.5),
    "centered": lambda t: t.RMSPropOptimizer(0.01, centered=True),
    "adam": lambda t: t.AdamOptimizer(0.01),
    "ftrl": lambda t: t.FtrlOptimizer(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02),
    "ftrl_shrink": lambda t: t.FtrlOptimizer(0.1, learning_rate_power=-0.6, l2_shrinkage_regularization_strength=0.01),
    "proximal_gd": lambda t: t.ProximalGradientDescentOptimizer(0.1, 0.01, 0.02),
    "proximal_adagrad": lambda t: t.ProximalAdagradOptimizer(0.1, 0.1, 0.01, 0.02),
    "adagrad_da": lambda t: t.AdagradDAOptimizer(0.1, t.get_or_create_global_step(), l1_regularization_strength=0.001),
}
CASES = [f"{name}{'_resource' if resource else ''}{'_sparse' if sparse else ''}"
         for resource, sparse, name in itertools.product((False, True), (False, True), OPTIMIZERS)]


def train(tf, case):
    """Weights and biases after 50 steps, in one vector."""
    resource, sparse = "_resource" in case, case.endswith("_sparse")
    name = case.removesuffix("_sparse").removesuffix("_resource")
    tf.reset_default_graph()
    rng = np.random.RandomState(0)
    inputs, targets = rng.randn(20, 6).astype("f"), rng.randn(20, 3).astype("f")
    w = tf.Variable(np.random.RandomState(1).randn(6, 3).astype("f") * 0.5, name="w", use_resource=resource)
    b = tf.Variable(np.zeros(3, "f"), name="b", use_resource=resource)
    x, y = tf.constant(inputs), tf.constant(targets)
    if sparse:
        loss = tf.reduce_mean(tf.square(tf.tanh(tf.gather(w, [0, 2, 2, 5])) + b - y[:4]))
    else:
        loss = tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - y))
    step = tf.train.get_or_create_global_step()
    update = OPTIMIZERS[name](tf.train).minimize(loss, global_step=step)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(50):
            session.run(update)
        assert session.run(step) == 50
        return np.concatenate([session.run(w).ravel(), session.run(b)])


if __name__ == "__main__":
    import tensorflow.compat.v1 as tensorflow
    tensorflow.disable_v2_behavior()
    np.savez(sys.argv[1], **{case: train(tensorflow, case) for case in CASES})
