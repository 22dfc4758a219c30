"""Programs of tf.feature_column, for graphflow and for TensorFlow 1.15 (python 3.7) and 2.21."""
import os
import tempfile

import numpy as np


def features(tf):
    sparse = tf.SparseTensor([[0, 0], [0, 2], [2, 1]], [1, 3, 2], [3, 3])
    words = tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ["a", "c", "unknown"], [3, 2])
    return {"price": tf.constant([[1.0, 2.0], [3.5, -1.0], [0.0, 7.0]]), "count": tf.constant([3, 0, 1]), "ids": sparse, "words": words,
            "city": tf.constant([["rome"], ["oslo"], [""]]), "day": tf.constant([[1], [0], [6]], tf.int64),
            "weights": tf.SparseTensor([[0, 0], [0, 2], [2, 1]], [0.5, 2.0, -1.0], [3, 3]), "pair": tf.constant([[0, 1], [2, -1], [3, 3]])}


def spread(shape, dtype=None, partition_info=None):
    """An initializer of known numbers."""
    return np.linspace(-1, 1, int(np.prod(shape))).reshape([int(d) for d in shape]).astype("float32")


def ids(tf, name="ids", size=4, default=None):
    return tf.feature_column.categorical_column_with_identity(name, size, default)


def program_numeric(tf):
    fc = tf.feature_column
    columns = [fc.numeric_column("price", shape=2, normalizer_fn=lambda x: (x - 1) / 2), fc.numeric_column("count")]
    seen = {}
    return [fc.input_layer(features(tf), columns, cols_to_output_tensors=seen), seen[columns[1]]]


def program_bucketized(tf):
    fc = tf.feature_column
    columns = [fc.bucketized_column(fc.numeric_column("price", shape=(2,)), [0.0, 2.0, 3.5]),
               fc.bucketized_column(fc.numeric_column("count"), [1])]
    return [fc.input_layer(features(tf), columns), fc.linear_model(features(tf), columns)]


def program_indicators(tf):
    fc = tf.feature_column
    columns = [fc.indicator_column(column) for column in (
        ids(tf), ids(tf, "pair", 3, 1), ids(tf, "count"), fc.categorical_column_with_hash_bucket("city", 5),
        fc.categorical_column_with_hash_bucket("day", 3, tf.int64), fc.categorical_column_with_vocabulary_list("words", ["a", "b", "c"]))]
    return [fc.input_layer(features(tf), column) for column in columns] + [fc.input_layer(features(tf), columns)]


def program_vocabularies(tf):
    fc = tf.feature_column
    path = os.path.join(tempfile.mkdtemp(), "words.txt")
    with open(path, "w") as file:
        file.write("a\nb\nc\n")
    words = ["a", "b", "c"]
    columns = [fc.categorical_column_with_vocabulary_list("words", words, num_oov_buckets=2),
               fc.categorical_column_with_vocabulary_list("words", ["a", "b", "c"], default_value=1),
               fc.categorical_column_with_vocabulary_file("words", path, 3),
               fc.categorical_column_with_vocabulary_file("words", path, 2, 3),
               fc.categorical_column_with_vocabulary_file("words", path, default_value=0),
               fc.categorical_column_with_vocabulary_list("pair", [3, 0, 5], num_oov_buckets=1)]
    return [fc.input_layer(features(tf), fc.indicator_column(column)) for column in columns]


def program_embeddings(tf):
    fc = tf.feature_column
    columns = [fc.embedding_column(ids(tf), 2, initializer=spread), fc.embedding_column(ids(tf, "pair"), 3, "sqrtn", spread, max_norm=0.7),
               fc.embedding_column(fc.categorical_column_with_hash_bucket("city", 4), 2, "sum", spread, trainable=False)]
    kept = {}
    made = fc.input_layer(features(tf), columns, cols_to_vars=kept)
    names = " ".join(sorted(column.name + ":" + ",".join(v.name for v in kept[column]) for column in columns))
    trained = " ".join(v.name for v in tf.trainable_variables())
    models = " ".join(v.name for v in tf.get_collection(tf.GraphKeys.MODEL_VARIABLES))
    return [made, tf.constant(names), tf.constant(trained), tf.constant(models)]


def program_shared_embeddings(tf):
    fc = tf.feature_column
    columns = fc.shared_embedding_columns([ids(tf), ids(tf, "pair")], 2, initializer=spread)
    made = fc.input_layer(features(tf), columns)
    return [made, tf.constant(" ".join(v.name for v in tf.global_variables()))]


def program_weighted(tf):
    fc = tf.feature_column
    weighted = fc.weighted_categorical_column(ids(tf), "weights")
    return [fc.input_layer(features(tf), fc.indicator_column(weighted)),
            fc.input_layer(features(tf), fc.embedding_column(weighted, 2, "sum", spread)),
            fc.linear_model(features(tf), weighted)]


def program_crossed(tf):
    fc = tf.feature_column
    bucketized = fc.bucketized_column(fc.numeric_column("price", shape=(2,)), [0.0, 2.0])
    inner = fc.crossed_column(["city", ids(tf)], 10)
    columns = [inner, fc.crossed_column(["words", bucketized], 7, hash_key=5), fc.crossed_column([inner, "day"], 100)]
    made = [fc.input_layer(features(tf), fc.indicator_column(column)) for column in columns]
    return [tf.constant(" ".join(column.name for column in columns)), *made]


def program_linear_model(tf):
    fc = tf.feature_column
    columns = [fc.numeric_column("price", shape=2), ids(tf), fc.bucketized_column(fc.numeric_column("count"), [1, 2]),
               fc.categorical_column_with_hash_bucket("city", 5), fc.crossed_column(["city", "words"], 6),
               fc.embedding_column(ids(tf, "pair"), 2, initializer=spread)]
    kept = {}
    made = fc.linear_model(features(tf), columns, units=2, sparse_combiner="mean", cols_to_vars=kept)
    with tf.variable_scope("other"):
        again = fc.linear_model(features(tf), columns[:2])
    variables = tf.global_variables()
    moved = [tf.assign(v, spread(v.get_shape().as_list())) for v in variables]
    with tf.control_dependencies(moved):
        done = tf.constant(1)
    names = tf.constant(" ".join(v.name for v in variables))
    kept = [(c if isinstance(c, str) else c.name) + ":" + ",".join(v.name for v in vs) for c, vs in kept.items()]
    price = [v for v in tf.trainable_variables() if v.name.startswith("linear_model/price/")]
    return [made, again, names, tf.constant(" ".join(sorted(kept))), done, *tf.gradients(made, price)]


def program_unknown_sizes(tf):
    fc = tf.feature_column
    price = tf.placeholder_with_default(np.array([[1, 2], [3, 4]], "float32"), [None, 2])
    day = tf.placeholder_with_default(np.array([3, 1]), None)
    columns = [fc.numeric_column("price", shape=2), fc.indicator_column(ids(tf, "day"))]
    return [fc.input_layer({"price": price, "day": day}, columns)]


def program_parse_example_spec(tf):
    fc = tf.feature_column
    columns = [fc.numeric_column("price", shape=(2,), default_value=1.5), fc.embedding_column(ids(tf), 2),
               fc.weighted_categorical_column(fc.categorical_column_with_hash_bucket("city", 5), "weights"),
               fc.crossed_column(["words", ids(tf, "pair")], 10), fc.numeric_column("count", dtype=tf.int64)]
    spec = fc.make_parse_example_spec(columns)
    example = tf.train.Example()
    example.features.feature["count"].int64_list.value.append(7)
    example.features.feature["words"].bytes_list.value.extend([b"x", b"y"])
    parsed = tf.parse_example([example.SerializeToString()], spec)
    return [tf.constant(" ".join(sorted(spec))), parsed["count"], parsed["price"], parsed["words"].values, parsed["words"].dense_shape]


def program_sequences(tf):
    fc, steps = tf.feature_column, tf.contrib.feature_column
    given = {"ids": tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 3, 2], [4, 2]),
             "prices": tf.SparseTensor([[0, 0], [0, 1], [0, 2], [0, 3], [2, 0], [2, 1]], [1.0, 2, 3, 4, 5, 6], [4, 4])}
    columns = [fc.embedding_column(steps.sequence_categorical_column_with_identity("ids", 4), 2, initializer=spread),
               fc.indicator_column(steps.sequence_categorical_column_with_identity("ids", 4)),
               steps.sequence_numeric_column("prices", shape=(2,))]
    made, lengths = steps.sequence_input_layer(given, columns)
    return [made, lengths, tf.constant(" ".join(v.name for v in tf.global_variables()))]
