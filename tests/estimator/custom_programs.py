"""Estimators whose model a function of the program makes. Python of 3.7: TensorFlow 1.15 runs them too."""
import functools
import os

import numpy as np

KEEP = {"save_summary_steps": 10, "save_checkpoints_steps": 20, "keep_checkpoint_max": 0, "tf_random_seed": 3}


def rows(count=120, width=4):
    x = np.random.RandomState(0).rand(count, width).astype("float32")
    return x, (x.sum(1) > width / 2).astype("int32")


def classifier(features, labels, mode, params, config, tf=None):
    """Two dense layers with dropout left out, Adam."""
    net = tf.layers.dense(features["x"], params["hidden"], tf.nn.relu, name="hidden")
    logits = tf.layers.dense(net, params["classes"], name="logits")
    predictions = {"classes": tf.argmax(logits, 1), "probabilities": tf.nn.softmax(logits)}
    if mode == tf.estimator.ModeKeys.PREDICT:
        outputs = {"predict": tf.estimator.export.PredictOutput(predictions),
                   "scores": tf.estimator.export.ClassificationOutput(scores=predictions["probabilities"]),
                   "serving_default": tf.estimator.export.RegressionOutput(predictions["probabilities"][:, 0])}
        return tf.estimator.EstimatorSpec(mode, predictions=predictions, export_outputs=outputs)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    accuracy = tf.metrics.accuracy(labels, predictions["classes"], name="acc_op")
    tf.summary.scalar("accuracy", accuracy[1])
    if mode == tf.estimator.ModeKeys.EVAL:
        return tf.estimator.EstimatorSpec(mode, loss=loss, eval_metric_ops={"accuracy": accuracy})
    train_op = tf.train.AdamOptimizer(params["rate"]).minimize(loss, global_step=tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def estimator(tf, folder, **config):
    return tf.estimator.Estimator(functools.partial(classifier, tf=tf), folder, tf.estimator.RunConfig(**dict(KEEP, **config)),
                                  {"hidden": 8, "classes": 2, "rate": 0.01})


def dataset(tf, epochs=None, batch=32):
    def input_fn():
        x, y = rows()
        return tf.data.Dataset.from_tensor_slices(({"x": x}, y)).repeat(epochs).batch(batch)
    return input_fn


def receiver(tf):
    return tf.estimator.export.build_parsing_serving_input_receiver_fn({"x": tf.FixedLenFeature([4], tf.float32)})


def program_train_evaluate_predict_export(tf, folder):
    made = estimator(tf, folder)
    assert made.train(dataset(tf), steps=25) is made
    made.train(dataset(tf), max_steps=45)
    made.train(dataset(tf), max_steps=45)       # nothing is left to do
    x, _ = rows()
    inputs = tf.estimator.inputs.numpy_input_fn({"x": x}, batch_size=50, num_epochs=1, shuffle=False)
    predicted = list(made.predict(inputs))
    batches = list(made.predict(inputs, predict_keys=["classes"], yield_single_examples=False))
    path = made.export_savedmodel(os.path.join(folder, "exports"), receiver(tf), assets_extra={"notes/readme.txt": __file__})
    return {"evaluation": made.evaluate(dataset(tf, 1)), "two steps": made.evaluate(dataset(tf), steps=2, name="two"),
            "classes": np.array([p["classes"] for p in predicted]), "probabilities": np.array([p["probabilities"] for p in predicted]),
            "batches": [b["classes"] for b in batches], "keys": [sorted(b) for b in batches], "names": made.get_variable_names(),
            "bias": made.get_variable_value("logits/bias"), "path": os.path.basename(os.path.dirname(path)).decode(),
            "latest": os.path.basename(made.latest_checkpoint())}


def program_train_and_evaluate(tf, folder):
    made = estimator(tf, folder)
    exporters = [tf.estimator.LatestExporter("latest", receiver(tf), exports_to_keep=2), tf.estimator.FinalExporter("final", receiver(tf))]
    train = tf.estimator.TrainSpec(dataset(tf), max_steps=50)
    metrics, exports = tf.estimator.train_and_evaluate(
        made, train, tf.estimator.EvalSpec(dataset(tf, 1), steps=None, name="held", exporters=exporters, throttle_secs=0))
    return {"metrics": metrics, "exports": [os.path.basename(os.path.dirname(path)).decode() for path in exports]}


def program_hooks(tf, folder):
    seen = []

    class Note(tf.train.SessionRunHook):
        def __init__(self, name):
            self._name = name

        def begin(self):
            seen.append(self._name + " begin")

        def after_create_session(self, session, coord):
            seen.append(self._name + " session")

        def end(self, session):
            seen.append(self._name + " end")

    class Listen(tf.train.CheckpointSaverListener):
        def after_save(self, session, global_step_value):
            seen.append(f"saved {global_step_value}")

    def model_fn(features, labels, mode):
        w = tf.get_variable("w", initializer=[[1.0], [2.0]])
        if mode == tf.estimator.ModeKeys.PREDICT:
            return tf.estimator.EstimatorSpec(mode, tf.matmul(features, w), prediction_hooks=[Note("prediction")])
        loss = tf.reduce_mean(tf.square(tf.matmul(features, w) - labels), keepdims=False)
        train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, tf.train.get_global_step())
        return tf.estimator.EstimatorSpec(
            mode, predictions=tf.matmul(features, w), loss=tf.reshape(loss, [1]), train_op=train_op, training_hooks=[Note("training")],
            training_chief_hooks=[Note("chief")], evaluation_hooks=[Note("evaluation")],
            eval_metric_ops={"error": tf.metrics.mean_squared_error(labels, tf.matmul(features, w))})

    def input_fn(mode, config):
        seen.append(f"{mode} {config.save_checkpoints_steps}")
        x = np.arange(12, dtype="float32").reshape(6, 2) / 10
        pairs = tf.data.Dataset.from_tensor_slices((x, x.sum(1, keepdims=True)))
        return pairs.repeat(5 if mode == "train" else 1).batch(2)

    made = tf.estimator.Estimator(model_fn, folder, tf.estimator.RunConfig(save_checkpoints_steps=5, keep_checkpoint_max=0))
    made.train(input_fn, hooks=[Note("user")], saving_listeners=[Listen()])
    evaluation = made.evaluate(input_fn, hooks=[Note("user")])
    predicted = list(made.predict(input_fn, hooks=[Note("user")]))
    return {"seen": seen, "evaluation": evaluation, "predicted": np.array(predicted)}


def program_warm_start(tf, folder):
    first = os.path.join(folder, "first")
    estimator(tf, first, save_checkpoints_steps=50).train(dataset(tf), steps=1)
    with tf.Graph().as_default(), tf.Session() as session:      # known numbers in place of random ones
        made = {name: tf.Variable(np.linspace(-1, 1, int(np.prod(shape))).reshape(shape).astype("float32"))
                for name, shape in (("hidden/kernel", [4, 8]), ("hidden/bias", [8]), ("logits/kernel", [8, 2]), ("logits/bias", [2]))}
        session.run([v.initializer for v in made.values()])
        path = tf.train.Saver(made).save(session, os.path.join(folder, "known"), write_meta_graph=False)
    settings = tf.estimator.WarmStartSettings(path, vars_to_warm_start="(hidden|logits)")
    warm = tf.estimator.Estimator(functools.partial(classifier, tf=tf), os.path.join(folder, "second"), tf.estimator.RunConfig(**KEEP),
                                  {"hidden": 8, "classes": 2, "rate": 0.01}, warm_start_from=settings)
    untrained = warm.evaluate(dataset(tf, 1))
    warm.train(dataset(tf), steps=20)
    return {"untrained": untrained, "kernel": warm.get_variable_value("hidden/kernel"), "evaluation": warm.evaluate(dataset(tf, 1))}
