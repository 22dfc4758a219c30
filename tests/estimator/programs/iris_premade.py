"""After the tutorial of premade estimators: flowers of three kinds, a DNNClassifier, datasets as input."""
import argparse

import numpy as np
import tensorflow as tf

FEATURES = ["SepalLength", "SepalWidth", "PetalLength", "PetalWidth"]
SPECIES = ["Setosa", "Versicolor", "Virginica"]
parser = argparse.ArgumentParser()
parser.add_argument("--batch_size", default=30, type=int)
parser.add_argument("--train_steps", default=150, type=int)


def load(seed, count):
    r = np.random.RandomState(seed)
    kinds = r.randint(0, 3, count)
    centres = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
    values = centres[kinds] + r.randn(count, 4) * 0.2
    return {name: values[:, i].astype("float32") for i, name in enumerate(FEATURES)}, kinds


def train_input_fn(features, labels, batch_size):
    return tf.data.Dataset.from_tensor_slices((dict(features), labels)).shuffle(1000, seed=1).repeat().batch(batch_size)


def eval_input_fn(features, labels, batch_size):
    inputs = dict(features) if labels is None else (dict(features), labels)
    return tf.data.Dataset.from_tensor_slices(inputs).batch(batch_size)


def main(argv):
    args = parser.parse_args(argv[1:])
    (train_x, train_y), (test_x, test_y) = load(0, 120), load(1, 30)
    columns = [tf.feature_column.numeric_column(key=key) for key in train_x]
    classifier = tf.estimator.DNNClassifier(feature_columns=columns, hidden_units=[10, 10], n_classes=3)
    classifier.train(input_fn=lambda: train_input_fn(train_x, train_y, args.batch_size), steps=args.train_steps)
    result = classifier.evaluate(input_fn=lambda: eval_input_fn(test_x, test_y, args.batch_size))
    print("\nTest set accuracy: {accuracy:0.3f}\n".format(**result))
    some = {name: [column[i] for i in (0, 1, 2)] for name, column in test_x.items()}
    for pred, expec in zip(classifier.predict(input_fn=lambda: eval_input_fn(some, None, args.batch_size)), test_y):
        class_id = pred["class_ids"][0]
        print("Prediction is \"%s\" (%.1f%%), expected \"%s\"" % (SPECIES[class_id], 100 * pred["probabilities"][class_id], SPECIES[expec]))


if __name__ == "__main__":
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.app.run(main)
