"""The ready-made estimators. Python of 3.7: TensorFlow 1.15 runs them too."""
import os

import numpy as np

KEEP = {"save_summary_steps": 10, "save_checkpoints_steps": 20, "keep_checkpoint_max": 0, "tf_random_seed": 3}


def table(count=60):
    """Columns of a small census."""
    r = np.random.RandomState(1)
    words = np.array([b"clerk", b"smith", b"baker", b"other"], dtype=object)
    found = {"age": r.randint(18, 70, count).astype("float32"), "hours": r.rand(count).astype("float32") * 40,
             "job": words[r.randint(0, 4, count)], "level": r.randint(0, 5, count), "factor": r.rand(count).astype("float32") + 0.5}
    return found, ((found["age"] > 40) ^ (found["level"] > 2)).astype("int32")


def input_fn(tf, labels, epochs=None, batch=20):
    def function():
        features, _ = table()
        return tf.data.Dataset.from_tensor_slices((features, labels)).repeat(epochs).batch(batch)
    return function


def columns(tf):
    fc = tf.feature_column
    age, hours = fc.numeric_column("age", normalizer_fn=lambda x: x / 50), fc.numeric_column("hours", normalizer_fn=lambda x: x / 40)
    job = fc.categorical_column_with_vocabulary_list("job", ["clerk", "smith", "baker"])
    level = fc.categorical_column_with_identity("level", 5)
    ages = fc.bucketized_column(fc.numeric_column("age"), [30, 40, 50, 60])
    wide = [ages, job, level, fc.crossed_column([ages, "job"], 50)]
    deep = [age, hours, fc.indicator_column(job), fc.embedding_column(level, 3)]
    return wide, deep


def use(tf, made, labels, folder, export=True):
    """Trains, evaluates, predicts and exports; what comes out."""
    made.train(input_fn(tf, labels), steps=20)
    if export:
        wide, deep = columns(tf)
        spec = tf.feature_column.make_parse_example_spec(deep + wide[1:])
        made.export_savedmodel(os.path.join(folder, "exports"), tf.estimator.export.build_parsing_serving_input_receiver_fn(spec))
    predicted = list(made.predict(input_fn(tf, labels, 1)))
    return {"evaluation": made.evaluate(input_fn(tf, labels, 1)),
            "predicted": {key: np.array([p[key] for p in predicted]) for key in sorted(predicted[0])}}


def config(tf):
    return tf.estimator.RunConfig(**KEEP)


def program_dnn_classifier(tf, folder):
    made = tf.estimator.DNNClassifier([8, 4], columns(tf)[1], folder, config=config(tf))
    return use(tf, made, table()[1], folder)


def program_dnn_classifier_of_three(tf, folder):
    labels = np.array([b"a", b"b", b"c"], dtype=object)[np.arange(60) % 3]
    made = tf.estimator.DNNClassifier([6], columns(tf)[1], folder, n_classes=3, label_vocabulary=["a", "b", "c"], config=config(tf),
                                      optimizer=tf.train.ProximalAdagradOptimizer(0.1, l1_regularization_strength=0.001),
                                      activation_fn=tf.nn.tanh, batch_norm=True)
    return use(tf, made, labels, folder)


def program_dnn_regressor(tf, folder):
    made = tf.estimator.DNNRegressor([8], columns(tf)[1], folder, weight_column="factor", config=config(tf),
                                     optimizer=lambda: tf.train.AdamOptimizer(0.01), loss_reduction=tf.losses.Reduction.SUM_OVER_BATCH_SIZE)
    return use(tf, made, table()[0]["hours"] / 10, folder, export=False)


def program_linear_classifier(tf, folder):
    made = tf.estimator.LinearClassifier(columns(tf)[0], folder, config=config(tf), weight_column="factor")
    return use(tf, made, table()[1], folder, export=False)


def program_linear_classifier_of_three(tf, folder):
    made = tf.estimator.LinearClassifier(columns(tf)[0], folder, n_classes=3, config=config(tf), sparse_combiner="mean",
                                         optimizer=tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01))
    return use(tf, made, (np.arange(60) % 3).astype("int64"), folder)


def program_linear_regressor(tf, folder):
    made = tf.estimator.LinearRegressor(columns(tf)[0] + columns(tf)[1][1:2], folder, config=config(tf), label_dimension=2)
    return use(tf, made, np.stack([table()[0]["hours"], table()[0]["age"]], 1) / 10, folder)


def program_wide_and_deep(tf, folder):
    wide, deep = columns(tf)
    made = tf.estimator.DNNLinearCombinedClassifier(folder, linear_feature_columns=wide, dnn_feature_columns=deep, dnn_hidden_units=[8, 4],
                                                    config=config(tf))
    return use(tf, made, table()[1], folder)


def program_wide_and_deep_regressor(tf, folder):
    wide, deep = columns(tf)
    made = tf.estimator.DNNLinearCombinedRegressor(folder, wide, "SGD", deep, "Adam", [8], config=config(tf))
    return use(tf, made, table()[0]["hours"] / 10, folder)


def program_baselines(tf, folder):
    labels = table()[1]
    found = use(tf, tf.estimator.BaselineClassifier(folder, config=config(tf)), labels, folder, export=False)
    other = os.path.join(folder, "numbers")
    more = use(tf, tf.estimator.BaselineRegressor(other, config=config(tf)), table()[0]["hours"], other, export=False)
    return {"classes": found, "numbers": more}
