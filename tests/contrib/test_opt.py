"""tf.contrib.opt: scipy's optimizers, relatives of Adam, weight decay, averages."""
import numpy as np
import pytest

import graphflow as tf

opt = tf.contrib.opt


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def rosenbrock():
    x = tf.get_variable("x", initializer=[-1.2, 1.0])
    return x, (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_scipy_finds_a_minimum():
    pytest.importorskip("scipy")
    x, loss = rosenbrock()
    unused = tf.get_variable("unused", initializer=np.ones([2, 2]))
    interface = opt.ScipyOptimizerInterface(loss, options={"maxiter": 100})
    seen, steps = [], []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        interface.minimize(session, fetches=[loss], loss_callback=seen.append, step_callback=steps.append)
        np.testing.assert_allclose(session.run(x), [1, 1], atol=1e-3)
        assert session.run(unused).tolist() == [[1, 1], [1, 1]]
    assert seen[0] > 20 and seen[-1] < 1e-5 and len(steps[0]) == 6


@pytest.mark.parametrize(("more", "method", "wanted"), [
    ("bounds", "L-BFGS-B", [0.5, 0.25]), ("inequalities", "SLSQP", None), ("equalities", "SLSQP", None)])
def test_scipy_keeps_bounds_and_constraints(more, method, wanted):
    pytest.importorskip("scipy")
    x, loss = rosenbrock()
    given = {"bounds": {"var_to_bounds": {x: ([-2.0, -2.0], [0.5, 2.0])}}, "inequalities": {"inequalities": [x[0] - 2.0]},
             "equalities": {"equalities": [x[0] + x[1] - 3.0]}}[more]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        opt.ScipyOptimizerInterface(loss, var_list=[x], method=method, **given).minimize(session)
        found = session.run(x)
    if wanted is not None:
        np.testing.assert_allclose(found, wanted, atol=1e-2)
    elif more == "inequalities":
        np.testing.assert_allclose(found[0], 2.0, atol=1e-2)
    else:
        np.testing.assert_allclose(found.sum(), 3.0, atol=1e-3)


def test_scipy_refuses_what_is_set_from_elsewhere():
    pytest.importorskip("scipy")
    _, loss = rosenbrock()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(ValueError, match="Bounds must be set using the var_to_bounds argument"):
            opt.ScipyOptimizerInterface(loss, bounds=[(0, 1)]).minimize(session)
        with pytest.raises(ValueError, match="'jac' is set automatically"):
            opt.ScipyOptimizerInterface(loss, jac=False).minimize(session)
        with pytest.raises(NotImplementedError, match="must define _minimize"):
            opt.ExternalOptimizerInterface(loss).minimize(session)


def trained(make, sparse=False, resource=False, steps=3):
    """The variable after some steps, from [[1, 2], [3, 4], [5, 6]], with gradients of rows 0 and 2 where sparse."""
    w = tf.get_variable("w", initializer=np.arange(1.0, 7.0).reshape(3, 2), use_resource=resource)
    loss = tf.reduce_sum(tf.gather(w, [0, 2]) ** 2 if sparse else w ** 2)
    step = make().minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(step)
        return session.run(w)


def by_hand(kind, sparse, steps=3, rate=0.1, b1=0.9, b2=0.999, eps=1e-8):
    w = np.arange(1.0, 7.0).reshape(3, 2)
    m, v = np.zeros_like(w), np.zeros_like(w)
    rows = [0, 2] if sparse else [0, 1, 2]
    for t in range(1, steps + 1):
        g = np.zeros_like(w)
        g[rows] = 2 * w[rows]
        old = m.copy(), v.copy()
        m = b1 * m + (1 - b1) * g
        v = np.maximum(b2 * v, abs(g)) if kind == "adamax" else b2 * v + (1 - b2) * g * g
        if kind != "nadam":                 # the moments of other rows stay
            for new, before in ((m, old[0]), (v, old[1])):
                for row in set(range(3)) - set(rows):
                    new[row] = before[row]
        correction = rate / (1 - b1 ** t) if kind == "adamax" else rate * np.sqrt(1 - b2 ** t) / (1 - b1 ** t)
        top = b1 * m + (1 - b1) * g if kind == "nadam" else m
        step = correction * top / ((v if kind == "adamax" else np.sqrt(v)) + eps)
        w[rows] -= step[rows]
    return w


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("kind", "name"), [("nadam", "NadamOptimizer"), ("lazy", "LazyAdamOptimizer"), ("adamax", "AdaMaxOptimizer")])
def test_relatives_of_adam_step_as_their_papers_say(kind, name, sparse, resource):
    found = trained(lambda: getattr(opt, name)(0.1), sparse, resource)
    np.testing.assert_allclose(found, by_hand(kind, sparse), rtol=1e-5)


@pytest.mark.parametrize("resource", [False, True])
def test_weights_decay_apart_from_the_gradient(resource):
    w = np.arange(1.0, 7.0).reshape(3, 2)
    velocity = np.zeros_like(w)
    for _ in range(3):
        gradient = 2 * w
        velocity = 0.9 * velocity + gradient
        w = w - 0.01 * w - 0.1 * velocity
    np.testing.assert_allclose(trained(lambda: opt.MomentumWOptimizer(0.01, 0.1, 0.9), resource=resource), w, rtol=1e-6)


def test_adamw_decays_only_what_it_is_told_to():
    a, b = tf.get_variable("a", initializer=2.0), tf.get_variable("b", initializer=2.0)
    kind = opt.extend_with_decoupled_weight_decay(tf.train.GradientDescentOptimizer)
    assert kind.__name__ == "OptimizerWithDecoupledWeightDecayGradientDescentOptimizer"
    step = kind(weight_decay=0.5, learning_rate=0.1).minimize(a + b, decay_var_list=[a])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        np.testing.assert_allclose(session.run([a, b]), [2.0 - 1.0 - 0.1, 1.9], rtol=1e-6)
        other = opt.AdamWOptimizer(0.5, 0.1).minimize(b)
        session.run(tf.variables_initializer([v for v in tf.global_variables() if v not in (a, b)]))
        session.run(other)
        np.testing.assert_allclose(session.run(b), 1.9 - 0.95 - 0.1, rtol=1e-5)


def test_averages_are_saved_under_the_names_of_the_variables(tmp_path):
    w = tf.get_variable("w", initializer=4.0)
    average = opt.MovingAverageOptimizer(tf.train.GradientDescentOptimizer(1.0), average_decay=0.5)
    with pytest.raises(RuntimeError, match="before creating the swapping_saver"):
        average.swapping_saver()
    step = average.minimize(w, var_list=[w])
    saver = average.swapping_saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run(w) == 3.0
        path = saver.save(session, str(tmp_path / "model"))
    assert tf.train.load_variable(path, "w") == 3.5
