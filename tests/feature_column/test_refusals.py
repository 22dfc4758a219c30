"""What columns refuse, and what they say."""
import pytest

import graphflow as tf

fc = tf.feature_column
IDS = fc.categorical_column_with_identity("ids", 4)
NUMBER = fc.numeric_column("x")


@pytest.mark.parametrize("make, error, text", [
    (lambda: fc.numeric_column("x", shape=0), ValueError, "must be greater than 0"),
    (lambda: fc.numeric_column("x", shape=1.5), TypeError, "must be integer"),
    (lambda: fc.numeric_column("x", dtype=tf.string), ValueError, "convertible to float"),
    (lambda: fc.numeric_column("x", default_value=1.5, dtype=tf.int32), TypeError, "compatible with dtype"),
    (lambda: fc.numeric_column("x", shape=2, default_value=[1, 2, 3]), ValueError, "equal to given shape"),
    (lambda: fc.numeric_column(3), ValueError, "key must be a string"),
    (lambda: fc.numeric_column("x", normalizer_fn=3), TypeError, "callable"),
    (lambda: fc.bucketized_column(IDS, [1]), ValueError, "numeric_column"),
    (lambda: fc.bucketized_column(NUMBER, [2, 1]), ValueError, "sorted list"),
    (lambda: fc.bucketized_column(NUMBER, []), ValueError, "sorted list"),
    (lambda: fc.categorical_column_with_identity("x", 0), ValueError, "num_buckets 0 < 1"),
    (lambda: fc.categorical_column_with_identity("x", 3, 3), ValueError, "not in range \\[0, 3\\)"),
    (lambda: fc.categorical_column_with_hash_bucket("x", 0), ValueError, "at least 1"),
    (lambda: fc.categorical_column_with_hash_bucket("x", 3, tf.float32), ValueError, "string or integer"),
    (lambda: fc.categorical_column_with_vocabulary_list("x", []), ValueError, "non-empty"),
    (lambda: fc.categorical_column_with_vocabulary_list("x", ["a", "a"]), ValueError, "Duplicate keys"),
    (lambda: fc.categorical_column_with_vocabulary_list("x", ["a"], None, 0, 1), ValueError, "both num_oov_buckets"),
    (lambda: fc.categorical_column_with_vocabulary_list("x", ["a"], tf.int64), ValueError, "do not match"),
    (lambda: fc.categorical_column_with_vocabulary_file("x", "/nowhere"), ValueError, "does not exist"),
    (lambda: fc.crossed_column(["a"], 5), ValueError, "length > 1"),
    (lambda: fc.crossed_column(["a", NUMBER], 5), ValueError, "Unsupported key type"),
    (lambda: fc.crossed_column(["a", fc.categorical_column_with_hash_bucket("b", 3)], 5), ValueError,
     "is not supported for crossing, which hashes itself"),
    (lambda: fc.embedding_column(IDS, 0), ValueError, "Invalid dimension"),
    (lambda: fc.embedding_column(IDS, 2, ckpt_to_load_from="a"), ValueError, "Must specify both"),
    (lambda: fc.shared_embedding_columns([IDS, fc.categorical_column_with_identity("j", 5)], 2), ValueError, "same number of buckets"),
    (lambda: fc.indicator_column(NUMBER), ValueError, "must be a CategoricalColumn"),
    (lambda: fc.input_layer({"ids": [[1]]}, [IDS]), ValueError, "embedding_column wrap a categorical column"),
    (lambda: fc.input_layer({"x": [[1.0]]}, []), ValueError, "must not be empty"),
    (lambda: fc.input_layer({"x": [[1.0]]}, [NUMBER, NUMBER]), ValueError, "Duplicate feature column name"),
    (lambda: fc.input_layer({"y": [[1.0]]}, [NUMBER]), ValueError, "Feature x is not in features dictionary"),
    (lambda: fc.input_layer({"x": 1.0}, [NUMBER]), ValueError, "cannot have rank 0"),
    (lambda: fc.input_layer({"x": [[1.0]], "y": [[1.0], [2.0]]}, [NUMBER, fc.numeric_column("y")]), ValueError, "Batch size"),
    (lambda: fc.input_layer({"ids": [[0.5]]}, [fc.indicator_column(IDS)]), ValueError, "Invalid input, not integer"),
    (lambda: fc.make_parse_example_spec([NUMBER, fc.embedding_column(fc.categorical_column_with_identity("x", 2), 3)]), ValueError,
     "different parse_spec for key x"),
])
def test_what_does_not_fit_is_refused(make, error, text):
    with tf.Graph().as_default(), pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize("value", [4, -2])
def test_an_identity_out_of_range_fails_the_run(value):
    with tf.Graph().as_default(), tf.Session() as session:
        made = fc.input_layer({"ids": [[value]]}, fc.indicator_column(IDS))
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(made)


def test_an_embedding_can_begin_with_that_of_a_checkpoint(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        known = tf.get_variable("known", initializer=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
        session.run(known.initializer)
        path = tf.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.Session() as session:
        made = fc.input_layer({"ids": [[2], [0]]}, fc.embedding_column(IDS, 2, ckpt_to_load_from=path, tensor_name_in_ckpt="known"))
        session.run(tf.global_variables_initializer())
        assert session.run(made).tolist() == [[5.0, 6.0], [1.0, 2.0]]


def test_an_embedding_trains_only_the_rows_that_were_looked_up():
    with tf.Graph().as_default(), tf.Session() as session:
        made = fc.input_layer({"ids": [[2], [0]]}, fc.embedding_column(IDS, 2, initializer=tf.ones_initializer()))
        train_op = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(made))
        session.run(tf.global_variables_initializer())
        session.run(train_op)
        assert session.run(tf.global_variables()[0]).tolist() == [[0.5, 0.5], [1.0, 1.0], [0.5, 0.5], [1.0, 1.0]]
