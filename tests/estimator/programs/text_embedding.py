"""After the text tutorial: words as a hashed column, an embedding, a head of softmax; warm-started a second time."""
import tempfile

import numpy as np
import tensorflow as tf

GOOD, BAD = ["good", "great", "lovely", "fine"], ["bad", "poor", "awful", "dull"]


def sentences(seed, count=200):
    r = np.random.RandomState(seed)
    labels = r.randint(0, 2, count)
    words = [[r.choice(GOOD if label else BAD), "film", r.choice(["the", "a"]), r.choice(GOOD + BAD) if r.rand() < 0.1 else ""]
             for label in labels]
    return {"words": np.array(words, dtype=object)}, labels


def input_fn(seed, epochs=1):
    return lambda: tf.data.Dataset.from_tensor_slices(sentences(seed)).repeat(epochs).batch(25)


words = tf.feature_column.categorical_column_with_hash_bucket("words", 200)
column = tf.feature_column.embedding_column(words, dimension=4, combiner="mean")


def make(**options):
    return tf.estimator.DNNClassifier([8], [column], model_dir=tempfile.mkdtemp(), optimizer=tf.train.AdamOptimizer(0.05), **options)


first = make()
first.train(input_fn(0, 5))
print("first: %.3f" % first.evaluate(input_fn(1))["accuracy"])
second = make(warm_start_from=first.model_dir)
print("second, untrained: %.3f" % second.evaluate(input_fn(1))["accuracy"])
