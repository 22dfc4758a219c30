"""After the guide of train_and_evaluate: a regression that is exported as it gets better, then served from its SavedModel."""
import os
import tempfile

import numpy as np
import tensorflow as tf

folder = tempfile.mkdtemp()
columns = [tf.feature_column.numeric_column("rooms"), tf.feature_column.bucketized_column(tf.feature_column.numeric_column("year"), [1950, 1980])]


def input_fn(mode):
    r = np.random.RandomState(0 if mode == tf.estimator.ModeKeys.TRAIN else 1)
    rooms, year = r.randint(1, 8, 200).astype("float32"), r.randint(1920, 2010, 200).astype("float32")
    price = 50 * rooms + 100 * (year > 1980) + r.randn(200).astype("float32")
    dataset = tf.data.Dataset.from_tensor_slices(({"rooms": rooms, "year": year}, price.astype("float32")))
    return dataset.repeat(20 if mode == tf.estimator.ModeKeys.TRAIN else 1).batch(50)


def serving_input_fn():
    placeholders = {name: tf.placeholder(tf.float32, [None], name=name) for name in ("rooms", "year")}
    return tf.estimator.export.ServingInputReceiver({k: tf.expand_dims(v, -1) for k, v in placeholders.items()}, placeholders)


config = tf.estimator.RunConfig(model_dir=folder, save_checkpoints_steps=40, tf_random_seed=19830610)
estimator = tf.estimator.LinearRegressor(columns, config=config, optimizer=tf.train.AdamOptimizer(5.0))
exporters = [tf.estimator.FinalExporter("final", serving_input_fn), tf.estimator.BestExporter("best", serving_input_fn, exports_to_keep=1)]
metrics, paths = tf.estimator.train_and_evaluate(
    estimator, tf.estimator.TrainSpec(input_fn, max_steps=80), tf.estimator.EvalSpec(input_fn, steps=None, exporters=exporters, throttle_secs=0))
print("average_loss: %.1f" % metrics["average_loss"], sorted(os.listdir(os.path.join(folder, "export"))))
predict_fn = tf.contrib.predictor.from_saved_model(paths[0].decode(), signature_def_key="predict")
price = predict_fn({"rooms": [2.0, 4.0], "year": [1990.0, 1960.0]})["predictions"][:, 0]
print("served: %.0f %.0f" % tuple(price))
