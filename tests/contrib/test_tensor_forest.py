"""tf.contrib.tensor_forest: forests learn from batches, lie in checkpoints, and belong to their session."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.contrib.tensor_forest import trees

forest = tf.contrib.tensor_forest
RANDOM = np.random.RandomState(0)
X = RANDOM.rand(400, 5).astype(np.float32)
CLASSES = ((X[:, 0] > 0.5).astype(np.int32) + (X[:, 1] > 0.3)).astype(np.int32)


@pytest.fixture(autouse=True)
def graph_of_its_own():
    with tf.Graph().as_default():
        yield


def settings(**more):
    given = {"num_classes": 3, "num_features": 5, "num_trees": 3, "max_nodes": 60, "split_after_samples": 30, "base_random_seed": 1}
    return forest.tensor_forest.ForestHParams(**{**given, **more}).fill()


def build(**more):
    graphs = forest.tensor_forest.RandomForestGraphs(settings(**more))
    x, y = tf.placeholder(tf.float32, [None, 5]), tf.placeholder(tf.float32 if more.get("regression") else tf.int32, [None])
    return graphs, x, y, graphs.training_graph(x, y), graphs.inference_graph(x)


def trained(session, x, y, step, labels, runs=15):
    session.run(tf.global_variables_initializer())
    for i in range(runs):
        rows = slice(i * 100 % 400, i * 100 % 400 + 100)
        session.run(step, {x: X[rows], y: labels[rows]})


def test_a_forest_learns_classes():
    graphs, x, y, step, (shares, leaves, variance) = build()
    loss = graphs.training_loss(x, y)
    with tf.Session() as session:
        trained(session, x, y, step, CLASSES)
        found, at, spread, size = session.run([shares, leaves, variance, loss], {x: X})
        weights = session.run(graphs.feature_importances())
    assert (found.argmax(1) == CLASSES).mean() > 0.9 and shares.shape.as_list() == [None, 3]
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)
    assert at.shape == (400, 3) and spread.shape == (400, 3) and -60 <= size < -3
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-5)


def test_a_forest_learns_numbers():
    labels = (3 * X[:, 0] + X[:, 2]).astype(np.float32)
    _, x, y, step, (values, _, _) = build(num_classes=1, regression=True, bagging_fraction=0.8)
    with tf.Session() as session:
        trained(session, x, y, step, labels)
        found = session.run(values, {x: X})[:, 0]
    assert np.square(found - labels).mean() < 0.3 * labels.var()


def test_trees_see_a_part_of_the_features_only():
    graphs, x, y, step, _ = build(feature_bagging_fraction=0.4)
    with tf.Session() as session:
        trained(session, x, y, step, CLASSES)
        used = [set(session.run(v["feature"])) - {-1} for v in graphs.variables]
    assert all(len(features) == 2 for features in graphs.params.bagged_features) and all(part <= {0, 1} for part in used)


def test_a_checkpoint_holds_it_and_another_session_does_not(tmp_path):
    _, x, y, step, (shares, _, _) = build()
    saver = tf.train.Saver()
    with tf.Session() as session, tf.Session() as other:
        trained(session, x, y, step, CLASSES)
        other.run(tf.global_variables_initializer())
        np.testing.assert_allclose(other.run(shares, {x: X[:2]}), 1 / 3, rtol=1e-6)
        path = saver.save(session, str(tmp_path / "model"))
        saver.restore(other, path)
        np.testing.assert_array_equal(session.run(shares, {x: X}), other.run(shares, {x: X}))


def test_a_seed_repeats_a_run():
    found = []
    for _ in range(2):
        with tf.Graph().as_default(), tf.Session() as session:
            _, x, y, step, (shares, _, _) = build()
            trained(session, x, y, step, CLASSES, runs=5)
            found.append(session.run(shares, {x: X}))
    np.testing.assert_array_equal(*found)


def test_an_estimator_of_trees(tmp_path):
    params = settings()
    model = forest.client.random_forest.TensorForestEstimator(params, model_dir=str(tmp_path))
    model.fit(X, CLASSES, steps=12, batch_size=100)
    assert model.evaluate(X, CLASSES)["accuracy"] > 0.85
    assert sorted(next(iter(model.predict(X[:1])))) == ["classes", "probabilities"]


def test_leaves_split_at_the_best_of_their_tries():
    tree = {field: np.zeros(shape, dtype) for field, (shape, dtype) in trees.shapes(3, 2, 2).items()}
    tree["size"][0] = 1
    tree["feature"][:] = tree["left"][:] = tree["tried_feature"][:] = -1
    x = np.array([[0.1, 0.9], [0.2, 0.1], [0.8, 0.5], [0.9, 0.4]], np.float32)
    tree["tried_feature"][0], tree["tried_threshold"][0] = [0, 1], [0.2, 0.45]
    trees.grow(tree, x, np.array([0, 0, 1, 1]), 2, False, 4, np.random.default_rng(0))
    assert (tree["feature"][0], tree["left"][0], tree["size"][0]) == (0, 1, 3)
    np.testing.assert_array_equal(tree["totals"][1:], [[2, 0], [0, 2]])
    np.testing.assert_array_equal(trees.leaves_of(tree, x), [1, 1, 2, 2])
    np.testing.assert_array_equal(trees.values(tree["totals"], False)[1:], [[1, 0], [0, 1]])


def test_what_is_not_there_is_refused():
    with pytest.raises(NotImplementedError, match="split_name='hist'"):
        forest.tensor_forest.ForestHParams(split_name="hist")
    with pytest.raises(AttributeError, match="num_features"):
        forest.tensor_forest.ForestHParams().fill()
    with pytest.raises(NotImplementedError, match=r"tf.sparse.to_dense"):
        forest.data_ops.ParseDataTensorOrDict(tf.SparseTensor([[0, 0]], [1.0], [1, 1]))
    with pytest.raises(NotImplementedError, match="weights_name"):
        forest.client.random_forest.TensorForestEstimator(settings(), weights_name="w")
