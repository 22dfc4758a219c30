# An Estimator of one's own: model_fn, training, evaluation, prediction.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(83)
x_train = rng.randn(60, 2).astype(np.float32)
y_train = (2 * x_train[:, 0] - x_train[:, 1] + 0.5).astype(np.float32)


def model_fn(features, labels, mode, params):
    w = tf.get_variable("w", [2, 1], initializer=tf.zeros_initializer())
    b = tf.get_variable("b", [1], initializer=tf.zeros_initializer())
    y = tf.squeeze(tf.matmul(features["x"], w) + b, 1)
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions={"y": y})
    loss = tf.losses.mean_squared_error(labels, y)
    metrics = {"mae": tf.metrics.mean_absolute_error(labels, y)}
    train = tf.train.GradientDescentOptimizer(params["rate"]).minimize(loss, global_step=tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train, eval_metric_ops=metrics)


def input_fn(epochs):
    return lambda: tf.data.Dataset.from_tensor_slices(({"x": x_train}, y_train)).repeat(epochs).batch(20).make_one_shot_iterator().get_next()


estimator = tf.estimator.Estimator(model_fn, model_dir="model", params={"rate": 0.1})
estimator.train(input_fn(None), steps=30)
result = estimator.evaluate(input_fn(1))
print(sorted(result), result["global_step"], "loss %.5f mae %.4f" % (result["loss"], result["mae"]))
predicted = [p["y"] for p in estimator.predict(input_fn(1))]
print(len(predicted), "%.3f" % predicted[0], estimator.get_variable_names(), np.round(estimator.get_variable_value("w"), 2).ravel().tolist())
