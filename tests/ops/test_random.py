"""Random ops and initializers through sessions: recorded streams, the seed rule, errors; and against TensorFlow itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from tests import tf_fixtures
from tests.ops import random_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

with np.load(Path(__file__).parents[1] / "data" / "random" / "streams.npz", allow_pickle=False) as _arrays:
    STREAMS = dict(_arrays)

DRAW = {
    "uniform": lambda n, d, s, p: tf.random_uniform(n, dtype=d, seed=s),
    "normal": lambda n, d, s, p: tf.random_normal(n, dtype=d, seed=s),
    "truncated_normal": lambda n, d, s, p: tf.truncated_normal(n, dtype=d, seed=s),
    "uniform_int": lambda n, d, s, p: tf.random_uniform(n, -7, 1000, d, seed=s),
    "shuffle": lambda n, d, s, p: tf.random_shuffle(tf.range(n[0]), seed=s),
    "gamma": lambda n, d, s, p: tf.random_gamma(n, [0.7, 2.5], seed=s),
    "poisson": lambda n, d, s, p: tf.random_poisson([0.5, 20.0], n, seed=s),
    "dropout": lambda n, d, s, p: tf.nn.dropout(np.arange(1, n[0] + 1, dtype=np.float32), keep_prob=0.6, seed=s),
    "multinomial": lambda n, d, s, p: tf.multinomial(np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], np.float32)), n[0], seed=s),
}


def cases(op):
    """{(graph seed, op seed, dtype, shape): [value of run 0, 1, 2]}"""
    found = {}
    for key, value in STREAMS.items():
        parts = key.split("|")
        if parts[0] == op:
            shape = [] if parts[4] == "scalar" else [int(size) for size in parts[4].split("x")]
            seeds = [None if part == "None" else int(part) for part in parts[1:3]]
            found.setdefault((*seeds, parts[3], tuple(shape)), {})[int(parts[-1][3:])] = value
    return found


@pytest.mark.parametrize("op", DRAW)
def test_a_session_gives_the_recorded_numbers_run_after_run(op):
    checked = 0
    for (graph_seed, op_seed, dtype, shape), runs in cases(op).items():
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(graph_seed)
            tensor = DRAW[op](list(shape), dtype, op_seed, None)
            for run in range(max(runs) + 1):
                got = session.run(tensor)
                if run in runs:
                    assert got.dtype == runs[run].dtype
                    if dtype == "float64" and op != "uniform":
                        np.testing.assert_array_max_ulp(got, runs[run], 2)
                    else:
                        np.testing.assert_array_equal(got, runs[run])
                    checked += 1
    assert checked >= 9


def test_a_graph_seed_alone_counts_the_random_ops_made_before():
    prefix = "graph-derived/2112619245/"
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.set_random_seed(2112619245)
        draws = [tf.random_normal([4]), tf.random_uniform([4]), tf.truncated_normal([4], stddev=0.1)]
        w = tf.get_variable("w", [3, 2])
        b = tf.Variable(tf.random_normal([2]), name="b")
        session.run(tf.global_variables_initializer())
        for i, value in enumerate(session.run(draws)):
            np.testing.assert_array_equal(value, STREAMS[f"{prefix}{i}-of-normal[4],uniform[4],truncated_normal[4,stddev=.1]"])
        np.testing.assert_array_equal(session.run(w), STREAMS[prefix + "get_variable w [3,2] (glorot), made fourth"])
        np.testing.assert_array_equal(session.run(b), STREAMS[prefix + "Variable(random_normal [2]) b, made fifth"])
        assert [op.name for op in graph.get_operations()] == STREAMS[prefix + "op names in order"].tolist()


def test_an_imported_graph_gives_the_recorded_numbers():
    entry = tf_fixtures.manifest()["graphs/random"]
    message = tf.GraphDef.FromString(tf_fixtures.path(entry["files"]["pb"]).read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(message, name="")
        for run in entry["runs"]:
            names = sorted(run["expect"])
            for name, got in zip(names, session.run(names), strict=True):
                want = tf_fixtures.array(run["expect"][name], entry["files"]["data"])
                assert got.dtype == want.dtype
                np.testing.assert_array_equal(got, want, name)


def test_seeds_that_an_op_gets():
    with tf.Graph().as_default():
        assert tf.get_seed(None) == (None, None)
        assert tf.get_seed(5) == (87654321, 5)
        tf.set_random_seed(3)
        assert tf.random.get_seed(5) == (3, 5)
        assert [tf.get_seed(None) for _ in range(3)] == [(3, 0), (3, 1), (3, 2)]
        tf.set_random_seed(0)
        assert tf.get_seed(0) == (0, 2**31 - 1)
        assert tf.get_seed(2**31 + 4) == (0, 5)
        assert tf.get_seed(None) == (0, 3)


def test_unseeded_numbers_differ_between_ops_sessions_and_runs():
    with tf.Graph().as_default():
        a, b = tf.random_uniform([4]), tf.random_uniform([4])
        with tf.Session() as one, tf.Session() as two:
            draws = [one.run(a), one.run(a), one.run(b), two.run(a)]
    assert len({tuple(values.tolist()) for values in draws}) == 4


def test_seeded_sessions_start_alike_and_move_on():
    with tf.Graph().as_default():
        tensor = tf.random_normal([3], seed=1)
        with tf.Session() as one, tf.Session() as two:
            first, second = one.run(tensor), one.run(tensor)
            np.testing.assert_array_equal(two.run(tensor), first)
            assert (first != second).all()


def test_one_run_draws_once():
    with tf.Graph().as_default(), tf.Session() as session:
        tensor = tf.random_normal([3])
        doubled, same = session.run([tensor * 2.0, tensor])
        np.testing.assert_array_equal(doubled, same * 2)


def test_equal_ops_draw_apart():
    """Two nodes with the same seeds are two streams that happen to be equal: neither is merged into the other."""
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.random_normal([3], seed=1), tf.random_normal([3], seed=1)
        session.run(a)
        first, second = session.run([a, b])
        assert (first != second).all()


def test_random_tensors_of_fed_shape():
    with tf.Graph().as_default(), tf.Session() as session:
        shape = tf.placeholder(tf.int32, [None])
        tensor = tf.random_uniform(shape, seed=3)
        assert session.run(tensor, {shape: [2, 5]}).shape == (2, 5)
        assert session.run(tensor, {shape: []}).shape == ()
        assert session.run(tensor, {shape: [0, 3]}).shape == (0, 3)
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be >= 0"):
            session.run(tensor, {shape: [-1]})


def test_no_gradient_flows_through_random_numbers():
    with tf.Graph().as_default():
        scale = tf.constant(2.0)
        numbers = tf.random_normal([3], stddev=scale, seed=1)
        (slope,) = tf.gradients(numbers, scale)
        with tf.Session() as session:
            total, numbers_ = session.run([slope, numbers])
        assert total == pytest.approx(numbers_.sum() / 2, rel=1e-5)


def test_wrong_arguments_are_named():
    with tf.Graph().as_default(), tf.Session() as session:
        with pytest.raises(ValueError, match="Must specify maxval for integer dtype"):
            tf.random_uniform([2], 0, dtype=tf.int32)
        with pytest.raises(ValueError, match="Accepted dtypes are"):
            tf.random_uniform([2], dtype=tf.uint8)
        with pytest.raises(tf.errors.InvalidArgumentError, match="Need minval < maxval, got 5 >= 5"):
            session.run(tf.random_uniform([2], 5, 5, tf.int32))
        with pytest.raises(ValueError, match="must be rank 2 but is rank 1"):
            tf.random.categorical([1.0], 3)
        with pytest.raises(ValueError, match="seed must have shape"):
            tf.random.stateless_uniform([2], [1, 2, 3])
        with pytest.raises(ValueError, match="minval` and `maxval` must be both None or not None"):
            tf.random.stateless_uniform([2], [1, 2], None, 5, tf.int32)
        with pytest.raises(tf.errors.UnimplementedError, match="threefry"):
            session.run(tf.random.stateless_uniform([2], [1, 2], alg="threefry"))
        with pytest.raises(tf.errors.InvalidArgumentError, match="range is too small"):
            session.run(tf.nn.uniform_candidate_sampler(np.array([[1]]), 1, 5, True, 4))
        with pytest.raises(ValueError, match="must have num_true columns, expected: 2 was: 1"):
            tf.nn.uniform_candidate_sampler(np.array([[1]]), 2, 3, True, 4)
        with pytest.raises(ValueError, match="exactly one of vocab_file and unigrams"):
            tf.nn.fixed_unigram_candidate_sampler(np.array([[1]]), 1, 3, True, 4)


def test_a_vocabulary_file_gives_the_counts(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("the,10\na,5\n\ncat,1\n", encoding="utf-8")
    classes = np.array([[0]])
    with tf.Graph().as_default(), tf.Session() as session:
        by_file = tf.nn.fixed_unigram_candidate_sampler(classes, 1, 8, False, 3, vocab_file=str(path), seed=1)
        by_list = tf.random.fixed_unigram_candidate_sampler(classes, 1, 8, False, 3, unigrams=[10.0, 5.0, 1.0], seed=1)
        a, b = session.run([by_file, by_list])
    np.testing.assert_array_equal(a.sampled_candidates, b.sampled_candidates)
    assert a.true_expected_count == pytest.approx(8 * 10 / 16)


def test_initializers_know_their_arguments():
    for initializer in (
            tf.zeros_initializer(), tf.constant_initializer(2.0), tf.random_uniform_initializer(-1, 1, 3),
            tf.random_normal_initializer(1, 2),
            tf.truncated_normal_initializer(seed=1), tf.uniform_unit_scaling_initializer(2.0),
            tf.variance_scaling_initializer(2.0),
            tf.glorot_uniform_initializer(3), tf.glorot_normal_initializer(4), tf.ones_initializer(tf.int32)):
        config = initializer.get_config()
        again = type(initializer).from_config(config)
        assert again.get_config() == config
        assert again.dtype == initializer.dtype


def test_wrong_initializers_are_named():
    with pytest.raises(ValueError, match="`scale` must be a positive float. Received: 0"):
        tf.variance_scaling_initializer(0.0)
    with pytest.raises(ValueError, match="`mode` should be one of"):
        tf.variance_scaling_initializer(mode="fan")
    with pytest.raises(ValueError, match="`distribution` should be one of"):
        tf.variance_scaling_initializer(distribution="cauchy")
    with pytest.raises(ValueError, match="expected to be floating point"):
        tf.random_normal_initializer(dtype=tf.int32)
    with pytest.raises(TypeError, match="Invalid type for initial value"):
        tf.constant_initializer({1: 2})


def test_constant_initializer_checks_the_shape_if_asked():
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.constant_initializer([1, 2])([2, 2])).tolist() == [[1, 2], [2, 2]]
        with pytest.raises(TypeError, match="Expected Tensor's shape"):
            tf.constant_initializer([1, 2], verify_shape=True)([2, 2])


def test_contrib_initializers_have_the_variance_asked_for():
    with tf.Graph().as_default(), tf.Session() as session:
        layers = tf.contrib.layers
        for initializer, variance in ((layers.xavier_initializer(seed=1), 2 / 600), (layers.xavier_initializer(False, 2), 2 / 600),
                                      (layers.variance_scaling_initializer(seed=3), 2 / 200)):
            assert session.run(initializer([200, 400])).var() == pytest.approx(variance, rel=0.05)


def test_orthogonal_matrices_are_orthogonal():
    with tf.Graph().as_default(), tf.Session() as session:
        tall, wide = session.run([tf.orthogonal_initializer(gain=2.0)([3, 3, 4]), tf.orthogonal_initializer()([2, 5])])
        np.testing.assert_allclose(tall.reshape(9, 4).T @ tall.reshape(9, 4), 4 * np.eye(4), atol=1e-5)
        np.testing.assert_allclose(wide @ wide.T, np.eye(2), atol=1e-6)
        with pytest.raises(ValueError, match="at least two-dimensional"):
            tf.orthogonal_initializer()([3])
        with pytest.raises(ValueError, match="two-dimensional"):
            tf.initializers.identity()([3, 3, 3])


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.random_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(n for n in vars(random_programs) if n.startswith("program_")))
def test_programs_give_tensorflows_nodes_and_numbers(name, theirs):
    ours = run_program(getattr(random_programs, name), tf)
    assert not node_differences(ours["nodes"], theirs[name]["nodes"])
    for got, want in zip(ours["runs"], theirs[name]["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert a.dtype == b.dtype
            assert a.shape == b.shape
            if name == "program_candidates" and a.dtype.kind == "f":
                np.testing.assert_array_max_ulp(a, b, 3)  # float32 logarithms of the platform
            elif name in ("program_orthogonal_and_identity", "program_variables_of_random_tensors"):
                np.testing.assert_allclose(a, b, 1e-5, 1e-6)  # matrix products
            elif name == "program_gamma_gradients":
                np.testing.assert_allclose(a, b, 1e-9)
            elif a.dtype == np.float64:
                np.testing.assert_allclose(a, b, 1e-15, 1e-15)
            else:
                np.testing.assert_array_equal(a, b)
