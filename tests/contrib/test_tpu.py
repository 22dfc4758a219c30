"""tf.contrib.tpu on the CPU: programs written for both run with use_tpu=False."""
import numpy as np
import pytest

import graphflow as tf

tpu = tf.contrib.tpu


def data(params):
    rows = tf.data.Dataset.from_tensor_slices((np.arange(8, dtype=np.float32)[:, None], np.arange(8, dtype=np.float32)))
    return rows.repeat(3).batch(params["batch_size"], drop_remainder=True)


def model(features, labels, mode, params):
    weight = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    predicted = features[:, 0] * weight
    assert features.shape[0].value == params["batch_size"]
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tpu.TPUEstimatorSpec(mode, {"p": predicted})
    loss = tf.losses.mean_squared_error(labels, predicted)
    step = tpu.CrossShardOptimizer(tf.train.GradientDescentOptimizer(params["rate"])).minimize(loss, tf.train.get_global_step())
    metrics = (lambda labels, predicted: {"error": tf.metrics.mean_absolute_error(labels, predicted)}, [labels, predicted])
    return tpu.TPUEstimatorSpec(mode, loss=loss, train_op=step, eval_metrics=metrics)


def make(folder, **more):
    config = tpu.RunConfig(model_dir=str(folder), tpu_config=tpu.TPUConfig(iterations_per_loop=10))
    return tpu.TPUEstimator(model, config=config, params={"rate": 0.01}, use_tpu=False, train_batch_size=4, eval_batch_size=8,
                            predict_batch_size=2, **more)


def test_it_trains_evaluates_and_predicts_with_the_batch_size_of_each(tmp_path):
    estimator = make(tmp_path)
    estimator.train(data, max_steps=6)
    found = estimator.evaluate(data, steps=1)
    assert found["global_step"] == 6 and found["error"] < 1.0
    first = next(iter(estimator.predict(data)))
    assert first["p"] == 0 and estimator.params == {"rate": 0.01}


def test_what_needs_a_tpu_is_refused():
    with pytest.raises(NotImplementedError, match="use_tpu=False runs the same model on the CPU"):
        tpu.TPUEstimator(model, config=tpu.RunConfig())
    with pytest.raises(NotImplementedError, match="cluster"):
        tpu.RunConfig(cluster=3)
    with pytest.raises(ValueError, match="params of a TPUEstimator have no 'batch_size'"):
        tpu.TPUEstimator(model, config=tpu.RunConfig(), params={"batch_size": 3}, use_tpu=False)
    with pytest.raises(ValueError, match="iterations_per_loop of TPUConfig must be at least 1"):
        tpu.TPUConfig(iterations_per_loop=0)
    with pytest.raises(TypeError, match="eval_metrics of TPUEstimatorSpec must be"):
        tpu.TPUEstimatorSpec("eval", eval_metrics=3)


def test_settings_are_kept():
    config = tpu.RunConfig(tpu_config=tpu.TPUConfig(num_shards=8), save_checkpoints_steps=7)
    other = config.replace(tpu_config=tpu.TPUConfig(num_shards=2), save_summary_steps=3)
    assert (config.tpu_config.num_shards, other.tpu_config.num_shards) == (8, 2)
    assert (other.save_checkpoints_steps, other.save_summary_steps) == (7, 3)
    assert tpu.InputPipelineConfig.PER_HOST_V2 == 3
