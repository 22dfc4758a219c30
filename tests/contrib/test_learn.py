"""tf.contrib.learn's estimators, monitors and experiments; figures beside arrays of numbers are those of TensorFlow 1.15."""
import numpy as np
import pytest

import graphflow as tf

learn = tf.contrib.learn
RANDOM = np.random.RandomState(0)
X = RANDOM.randn(64, 4).astype(np.float32)
CLASSES = ((X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)).astype(np.int64)


@pytest.fixture(autouse=True)
def graph_of_its_own():
    with tf.Graph().as_default():
        yield


def given(labels):
    return lambda: ({"n": tf.constant(X)}, tf.constant(labels))


def column():
    return tf.contrib.layers.real_valued_column("n", dimension=4)


def test_a_linear_classifier_is_tensorflows(tmp_path):
    labels = (CLASSES > 0).astype(np.int64)
    model = learn.LinearClassifier([column()], model_dir=str(tmp_path)).fit(input_fn=given(labels), steps=20)
    found = model.evaluate(input_fn=given(labels), steps=1)
    wanted = {"accuracy": 0.85938, "accuracy/baseline_label_mean": 0.48438, "accuracy/threshold_0.500000_mean": 0.85938, "auc": 0.96334,
              "auc_precision_recall": 0.96476, "global_step": 20, "labels/actual_label_mean": 0.48438, "labels/prediction_mean": 0.47909,
              "loss": 0.34797, "precision/positive_threshold_0.500000_mean": 0.89286, "recall/positive_threshold_0.500000_mean": 0.80645}
    assert found.keys() == wanted.keys()
    np.testing.assert_allclose([found[key] for key in wanted], list(wanted.values()), atol=2e-5)
    assert {"linear/n/weight", "linear/bias_weight"} < set(model.get_variable_names())
    ones = list(model.predict({"n": X[:3]}))
    assert len(ones) == 3 and set(ones) <= {0, 1}


def test_a_linear_classifier_of_three_classes_is_tensorflows(tmp_path):
    model = learn.LinearClassifier([column()], n_classes=3, model_dir=str(tmp_path)).fit(input_fn=given(CLASSES), steps=20)
    found = model.evaluate(input_fn=given(CLASSES), steps=1)
    np.testing.assert_allclose([found["accuracy"], found["loss"]], [0.90625, 0.43408], atol=2e-5)


def test_a_linear_regressor_with_clipped_gradients_is_tensorflows(tmp_path):
    labels = X[:, :1] * 2 + 1
    model = learn.LinearRegressor([column()], gradient_clip_norm=1.0, model_dir=str(tmp_path)).fit(input_fn=given(labels), steps=20)
    np.testing.assert_allclose(model.evaluate(input_fn=given(labels), steps=1)["loss"], 0.24659, atol=2e-5)


def test_a_network_learns_arrays_and_predicts_classes(tmp_path):
    model = learn.DNNClassifier([10, 10], learn.infer_real_valued_columns_from_input(X), n_classes=3, model_dir=str(tmp_path),
                                config=learn.RunConfig(tf_random_seed=1))
    model.fit(X, CLASSES, steps=150, batch_size=32)
    assert model.evaluate(X, CLASSES)["accuracy"] > 0.85
    classes, probabilities = np.array(list(model.predict(X))), np.array(list(model.predict_proba(X)))
    np.testing.assert_array_equal(probabilities.argmax(1), classes)
    assert model.predict(X, as_iterable=False).shape == (64,)
    assert {"dnn/hiddenlayer_0/weights", "dnn/hiddenlayer_1/biases", "dnn/logits/weights"} < set(model.get_variable_names())


def test_wide_and_deep_regress_together(tmp_path):
    model = learn.DNNLinearCombinedRegressor(str(tmp_path), linear_feature_columns=[column()], dnn_feature_columns=[column()],
                                             dnn_hidden_units=[4])
    model.fit(input_fn=given(X[:, 0]), steps=3)
    assert {"dnn/hiddenlayer_0/weights", "linear/n/weight"} < set(model.get_variable_names())
    assert model.evaluate(input_fn=given(X[:, 0]), steps=1)["global_step"] == 3


def linear_model(features, targets, mode, params):
    weights = tf.get_variable("w", [4, 1])
    predicted = tf.matmul(features, weights)[:, 0]
    loss = tf.losses.mean_squared_error(targets, predicted)
    step = tf.contrib.layers.optimize_loss(loss, tf.contrib.framework.get_global_step(), params["rate"], "SGD")
    return {"value": predicted}, loss, step


def test_a_model_function_may_give_three_things_and_use_labels_in_every_mode(tmp_path):
    model = learn.Estimator(linear_model, str(tmp_path), params={"rate": 0.1})
    model.fit(X, X[:, 0], max_steps=40)
    metrics = {"error": learn.MetricSpec(tf.contrib.metrics.streaming_mean_absolute_error, prediction_key="value")}
    found = model.evaluate(X, X[:, 0], metrics=metrics)
    assert found.keys() == {"loss", "error", "global_step"} and found["error"] < 0.1
    assert [sorted(item) for item in model.predict(X[:2])] == [["value"], ["value"]]


def test_a_validation_monitor_stops_early(tmp_path):
    config = learn.RunConfig(save_checkpoints_steps=10)
    model = learn.Estimator(linear_model, str(tmp_path), params={"rate": 0.0}, config=config)
    monitor = learn.monitors.ValidationMonitor(X, X[:, 0], every_n_steps=10, early_stopping_rounds=20, check_interval_secs=None)
    model.fit(X, X[:, 0], steps=500, monitors=[monitor])
    assert monitor.early_stopped and model.get_variable_value("global_step") < 100
    assert monitor.best_metrics["loss"] == monitor.best_value


def test_monitors_see_tensors_at_their_steps(tmp_path):
    captured, stop = learn.monitors.CaptureVariable("w:0", every_n=3, first_n=1), learn.monitors.StopAtStep(num_steps=7)
    model = learn.Estimator(linear_model, str(tmp_path), params={"rate": 0.1})
    model.fit(X, X[:, 0], steps=100, monitors=[captured, stop])
    assert sorted(captured.values) == [1, 4, 7]
    assert model.get_variable_value("global_step") == 7
    np.testing.assert_array_equal(captured.values[7].shape, [4, 1])


def test_a_nan_loss_is_told(tmp_path):
    monitor = learn.monitors.NanLoss("mean_squared_error/value:0", every_n_steps=1)
    with pytest.raises(learn.monitors.NanLossDuringTrainingError):
        learn.Estimator(linear_model, str(tmp_path), params={"rate": 0.1}).fit(X * np.nan, X[:, 0], steps=2, monitors=[monitor])


def test_an_experiment_trains_evaluates_and_exports(tmp_path):
    def serve():
        fed = tf.placeholder(tf.float32, [None, 4])
        return learn.InputFnOps({"n": fed}, None, {"n": fed})

    def make(run_config, hparams):
        model = learn.LinearRegressor([column()], config=run_config)
        return learn.Experiment(model, given(X[:, 0]), given(X[:, 0]), train_steps=hparams.steps, eval_steps=1, min_eval_frequency=0,
                                export_strategies=learn.make_export_strategy(serve))
    metrics, exports = learn.learn_runner.run(make, run_config=learn.RunConfig(model_dir=str(tmp_path)),
                                              hparams=tf.contrib.training.HParams(steps=5))
    assert metrics["global_step"] == 5
    predict = tf.contrib.predictor.from_saved_model(exports[0].decode())
    assert predict({"n": X[:2]})["scores"].shape == (2,)


def test_what_cannot_be_done_says_what_to_do():
    with pytest.raises(ValueError, match="Either x or input_fn"):
        learn.Estimator(linear_model, params={}).fit(steps=1)
    with pytest.raises(ValueError, match="say how long by steps"):
        learn.Estimator(linear_model, params={}).fit(X, CLASSES)
    with pytest.raises(ValueError, match="Give either `output_dir` or `run_config`"):
        learn.learn_runner.run(lambda **_: None)
    with pytest.raises(TypeError, match="did not return an Experiment"):
        learn.learn_runner.run(lambda output_dir: 3, output_dir="x")
    with pytest.raises(ValueError, match="needs a prediction_key"):
        learn.MetricSpec(tf.metrics.mean).create_metric_ops(None, 1, {"a": 1, "b": 2})


def test_regressions_as_subgraphs():
    x, y = tf.constant(X), tf.constant(X[:, :2])
    predictions, loss = learn.models.linear_regression_zero_init(x, y)
    probabilities, entropy = learn.models.logistic_regression_zero_init(x, tf.one_hot(CLASSES, 3))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        a, b, c, d = session.run([predictions, loss, probabilities, entropy])
    assert not a.any() and c.shape == (64, 3)
    np.testing.assert_allclose([b, d], [np.square(X[:, :2]).mean(), np.log(3)], rtol=1e-5)
    assert {v.op.name for v in tf.global_variables()} == {f"{kind}_regression/{name}" for kind in ("linear", "logistic")
                                                          for name in ("weights", "bias")}


def test_csv_files_are_read(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("2,3,a,b,c\n1,2,3,0\n4,5,6,1\n")
    found = learn.datasets.base.load_csv_with_header(str(path), int, np.float32)
    np.testing.assert_array_equal(found.data, [[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(found.target, [0, 1])
    assert learn.datasets.base.maybe_download("rows.csv", str(tmp_path), "http://nowhere") == str(path)
    with pytest.raises(FileNotFoundError, match="fetch http://nowhere/x and put it there"):
        learn.datasets.base.maybe_download("x", str(tmp_path), "http://nowhere/x")
    with pytest.raises(ValueError, match="Name of dataset is not found: roses"):
        learn.datasets.load_dataset("roses")


def test_inner_modules_show_the_same_names():
    inner = learn.python.learn
    assert inner.estimators.estimator.SKCompat is learn.SKCompat
    assert inner.learn_runner.run is learn.learn_runner.run
    assert inner.metric_spec.MetricSpec is learn.MetricSpec
    score = learn.SKCompat(learn.LinearRegressor(learn.infer_real_valued_columns_from_input(X))).fit(X, X[:, 0], steps=5).score(X, X[:, 0])
    assert score["global_step"] == 5
