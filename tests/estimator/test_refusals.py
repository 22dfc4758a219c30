"""What Estimator, EstimatorSpec and RunConfig refuse, and what they say."""
import functools

import pytest

import graphflow as tf

MODES = tf.estimator.ModeKeys


def model_fn(features, labels, mode):
    w = tf.get_variable("w", initializer=1.0)
    loss = tf.reduce_mean((w * features - (0.0 if labels is None else labels)) ** 2)
    train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, {"y": w * features}, loss, train_op)


def data():
    return tf.data.Dataset.from_tensors(([1.0], [2.0]))


@pytest.mark.parametrize("function, params, text", [
    (lambda labels, mode: None, None, "must include features"),
    (lambda features, mode: None, {"a": 1}, "does not include params argument"),
    (lambda features, size: None, None, "not expected args: \\['size'\\]"),
    (None, None, "model_fn must be provided"),
])
def test_functions_that_are_no_model_functions(function, params, text, tmp_path):
    with pytest.raises(ValueError, match=text):
        tf.estimator.Estimator(function, str(tmp_path), params=params)


def test_arguments_that_functools_partial_gives_are_left_out(tmp_path):
    def with_size(features, labels, mode, size):
        return model_fn(features * size, labels, mode)
    made = tf.estimator.Estimator(functools.partial(with_size, size=2.0), str(tmp_path))
    made.train(data)
    assert made.get_variable_value("w") == 1.0


@pytest.mark.parametrize("arguments, text", [
    ({"steps": 1, "max_steps": 1}, "Can not provide both"), ({"steps": 0}, "steps > 0, given: 0"), ({"max_steps": -1}, "max_steps > 0"),
])
def test_steps_that_make_no_sense(arguments, text, tmp_path):
    with pytest.raises(ValueError, match=text):
        tf.estimator.Estimator(model_fn, str(tmp_path)).train(data, **arguments)


def test_hooks_and_listeners_of_other_types(tmp_path):
    made = tf.estimator.Estimator(model_fn, str(tmp_path))
    with pytest.raises(TypeError, match="Hooks must be a SessionRunHook"):
        made.train(data, hooks=[object()])
    with pytest.raises(TypeError, match="CheckpointSaverListener"):
        made.train(data, saving_listeners=[tf.train.SessionRunHook()])
    quiet = tf.estimator.Estimator(model_fn, str(tmp_path / "b"), tf.estimator.RunConfig(save_checkpoints_secs=None))
    with pytest.raises(ValueError, match="There should be a CheckpointSaverHook"):
        quiet.train(data, saving_listeners=[tf.train.CheckpointSaverListener()])


def test_an_untrained_model_has_no_variables_but_can_be_evaluated(tmp_path):
    made = tf.estimator.Estimator(model_fn, str(tmp_path))
    assert made.evaluate(data)["loss"] == 1.0
    assert made.latest_checkpoint() is None
    for call in (made.get_variable_names, lambda: made.get_variable_value("w"), lambda: made.export_saved_model(str(tmp_path), data)):
        with pytest.raises(ValueError, match="Couldn't find trained model"):
            call()


def test_predictions_that_cannot_be_taken_apart(tmp_path):
    made = tf.estimator.Estimator(model_fn, str(tmp_path))
    with pytest.raises(ValueError, match="Expected to run at least one output from"):
        next(made.predict(data, predict_keys=["z"]))
    with pytest.raises(ValueError, match="len 2 tuple"):
        next(made.predict(lambda: (1, 2, 3)))


def test_a_metric_may_not_be_called_loss(tmp_path):
    def named(features, labels, mode):
        return model_fn(features, labels, mode)._replace(eval_metric_ops={"loss": tf.metrics.mean(features)})
    with pytest.raises(ValueError, match='name "loss" is not allowed'):
        tf.estimator.Estimator(named, str(tmp_path)).evaluate(data)


def test_a_loss_that_is_no_number_ends_the_training(tmp_path):
    def nan(features, labels, mode):
        spec = model_fn(features, labels, mode)
        return spec._replace(loss=spec.loss * float("nan"))
    with pytest.raises(tf.estimator.NanLossDuringTrainingError):
        tf.estimator.Estimator(nan, str(tmp_path)).train(data)


@pytest.mark.parametrize("make, error, text", [
    (lambda loss: tf.estimator.EstimatorSpec(MODES.TRAIN, loss=loss), ValueError, "Missing train_op"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL), ValueError, "Missing loss"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.PREDICT), ValueError, "Missing predictions"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=1.0), TypeError, "loss must be Tensor"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=tf.zeros([2])), ValueError, "Loss must be scalar"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=loss, eval_metric_ops={"a": loss}), TypeError, "tuples"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=loss, training_hooks=[3]), TypeError, "SessionRunHook"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=loss, scaffold=3), TypeError, "Scaffold"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.PREDICT, {"a": [1]}), TypeError, "predictions\\[a\\] must be Tensor"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.PREDICT, loss, export_outputs={"a": loss}), TypeError, "ExportOutput objects"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.PREDICT, loss, export_outputs={
        name: tf.estimator.export.PredictOutput(loss) for name in "ab"}), ValueError, "none of them is specified as the default"),
    (lambda loss: tf.estimator.EstimatorSpec(MODES.EVAL, loss=loss)._replace(mode=MODES.TRAIN), ValueError, "cannot be changed"),
])
def test_specs_that_are_not_whole(make, error, text):
    with tf.Graph().as_default(), pytest.raises(error, match=text):
        make(tf.constant(1.0))


def test_a_loss_of_another_graph():
    with tf.Graph().as_default():
        elsewhere = tf.constant(1.0)
    with tf.Graph().as_default(), pytest.raises(ValueError, match="must be from the default graph"):
        tf.estimator.EstimatorSpec(MODES.EVAL, loss=elsewhere)


def test_configs(tmp_path, monkeypatch):
    config = tf.estimator.RunConfig(save_checkpoints_steps=5)
    assert (config.save_checkpoints_steps, config.save_checkpoints_secs, config.tf_random_seed, config.model_dir) == (5, None, 1, None)
    other = config.replace(save_checkpoints_secs=9, model_dir="there")
    assert (other.save_checkpoints_steps, other.save_checkpoints_secs, other.model_dir, config.model_dir) == (None, 9, "there", None)
    with pytest.raises(ValueError, match="cannot be both set"):
        tf.estimator.RunConfig(save_checkpoints_steps=1, save_checkpoints_secs=1)
    with pytest.raises(ValueError, match="Replacing master is not supported"):
        config.replace(master="a")
    with pytest.raises(ValueError, match="keep_checkpoint_max should be >= 0"):
        tf.estimator.RunConfig(keep_checkpoint_max=-1)
    with pytest.raises(ValueError, match="with different values"):
        tf.estimator.Estimator(model_fn, str(tmp_path), other)
    with pytest.raises(ValueError, match="must be an instance of `RunConfig`"):
        tf.estimator.Estimator(model_fn, str(tmp_path), {"a": 1})
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, "task": {"type": "chief", "index": 0}}')
    with pytest.raises(NotImplementedError, match="trains in one process"):
        tf.estimator.RunConfig()
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"chief": ["a:1"]}, "task": {"type": "chief", "index": 0}, "model_dir": "here"}')
    config = tf.estimator.RunConfig()
    assert (config.task_type, config.is_chief, config.model_dir) == ("chief", True, "here")


def test_specs_of_training_and_evaluation(tmp_path):
    with pytest.raises(ValueError, match="max_steps > 0"):
        tf.estimator.TrainSpec(data, max_steps=0)
    with pytest.raises(TypeError, match="`input_fn` must be callable"):
        tf.estimator.EvalSpec(3)
    exporter = tf.estimator.FinalExporter("a", data)
    with pytest.raises(ValueError, match="unique"):
        tf.estimator.EvalSpec(data, exporters=[exporter, exporter])
    with pytest.raises(ValueError, match="must be a positive number"):
        tf.estimator.LatestExporter("a", data, exports_to_keep=0)
    with pytest.raises(ValueError, match="best_eval_result"):
        tf.estimator.BestExporter("a", data, compare_fn=lambda a, b: True)
    with pytest.raises(TypeError, match="must have type `tf.estimator.TrainSpec`"):
        tf.estimator.train_and_evaluate(tf.estimator.Estimator(model_fn, str(tmp_path)), None, tf.estimator.EvalSpec(data))


def test_the_best_exporter_keeps_to_what_is_better(tmp_path):
    """Better by a function of the program; a second run finds the best result of the first in its event files."""
    def receiver():
        x = tf.placeholder(tf.float32, [None])
        return tf.estimator.export.TensorServingInputReceiver(x, {"x": x})

    def better(best_eval_result, current_eval_result):
        return current_eval_result["loss"] < 0.7 * best_eval_result["loss"]

    def run(max_steps):
        made = tf.estimator.Estimator(model_fn, str(tmp_path), tf.estimator.RunConfig(save_checkpoints_steps=1, keep_checkpoint_max=0))
        exporter = tf.estimator.BestExporter("best", receiver, compare_fn=better, exports_to_keep=None)
        train = tf.estimator.TrainSpec(lambda: data().repeat(), max_steps=max_steps)
        tf.estimator.train_and_evaluate(made, train, tf.estimator.EvalSpec(data, exporters=exporter, throttle_secs=0))
        return len(list((tmp_path / "export" / "best").iterdir()))
    assert run(4) == 4              # each step makes the loss 0.64 times what it was
    assert run(6) == 6
