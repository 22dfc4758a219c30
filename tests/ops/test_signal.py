"""tf.signal: TensorFlow's values and gradients, and what is refused."""
import numpy as np
import pytest

import graphflow as tf
from tests.ops import signal_programs
from tests.oracle.programs import run_program, tensorflow_results

PROGRAMS = sorted(name for name in vars(signal_programs) if name.startswith("program_"))


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(signal_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("signal"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_values(name, theirs):
    ours = run_program(getattr(signal_programs, name), tf)["runs"][0]
    for i, (a, b) in enumerate(zip(ours, theirs[name]["runs"][0], strict=True)):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), i
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-4, err_msg=str(i))


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def run(tensor):
    with tf.Session() as session:
        return session.run(tensor)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run(name):
    assert all(np.isfinite(value).all() for value in run_program(getattr(signal_programs, name), tf)["runs"][0])


def test_inverse_transforms_give_the_signal_back():
    x = np.random.default_rng(0).standard_normal((2, 128)).astype(np.float32)
    spectra = tf.signal.stft(x, 16, 4)
    back = run(tf.signal.inverse_stft(spectra, 16, 4, window_fn=tf.signal.inverse_stft_window_fn(4)))
    np.testing.assert_allclose(back[:, 16:-16], x[:, 16:-16], atol=1e-5)
    back = run(tf.signal.inverse_mdct(tf.signal.mdct(x, 16)))
    np.testing.assert_allclose(back[:, 8:-8], x[:, 8:-8], atol=1e-5)
    np.testing.assert_allclose(run(tf.signal.idct(tf.signal.dct(x, norm="ortho"), norm="ortho")), x, atol=1e-5)
    np.testing.assert_array_equal(run(tf.signal.ifftshift(tf.signal.fftshift(x))), x)


@pytest.mark.parametrize("window", [tf.signal.hann_window, tf.signal.hamming_window, tf.signal.kaiser_window])
def test_windows_whose_length_is_fed(window):
    n = tf.placeholder(tf.int32, [])
    with tf.Session() as session:
        assert session.run(window(n), {n: 1}).tolist() == [1.0] and session.run(window(n), {n: 0}).tolist() == []
        np.testing.assert_allclose(session.run(window(n), {n: 6}), session.run(window(6)), rtol=1e-6)


def test_static_shapes():
    x = tf.placeholder(tf.float32, [None, 20])
    assert tf.signal.frame(x, 4, 2).shape.as_list() == [None, 9, 4]
    assert tf.signal.overlap_and_add(tf.placeholder(tf.float32, [None, 9, 4]), 2).shape.as_list() == [None, 20]
    assert tf.signal.stft(x, 12, 4).shape.as_list() == [None, 3, 9]
    assert tf.signal.dct(x).shape.as_list() == [None, 20]


@pytest.mark.parametrize(("build", "error", "words"), [
    (lambda: tf.signal.hann_window([1, 2]), ValueError, "must have rank 0"),
    (lambda: tf.signal.hann_window(4, dtype=tf.int32), ValueError, "dtype must be a floating point type"),
    (lambda: tf.signal.frame(tf.ones([4]), [1], 1), ValueError, "must have rank 0"),
    (lambda: tf.signal.frame(tf.ones([4]), 1, 1, axis=1), ValueError, "is not an axis"),
    (lambda: tf.signal.frame(tf.placeholder(tf.float32), 1, 1), ValueError, "known rank"),
    (lambda: tf.signal.overlap_and_add(tf.ones([4]), 1), ValueError, "rank at least 2"),
    (lambda: tf.signal.overlap_and_add(tf.ones([4, 2]), 1.0), ValueError, "frame_step must be an integer scalar"),
    (lambda: tf.signal.dct(tf.ones([4]), 5), ValueError, "Types I, II, III and IV"),
    (lambda: tf.signal.dct(tf.ones([4]), 1, norm="ortho"), ValueError, "Normalization is not supported for the Type-I DCT"),
    (lambda: tf.signal.dct(tf.ones([1]), 1), ValueError, "greater than one"),
    (lambda: tf.signal.dct(tf.ones([4]), norm="x"), ValueError, "Unknown normalization"),
    (lambda: tf.signal.dct(tf.ones([4]), n=0), ValueError, "n should be a positive integer"),
    (lambda: tf.signal.dct(tf.ones([4, 4]), axis=0), NotImplementedError, "axis must be -1"),
    (lambda: tf.signal.mdct(tf.ones([40]), 6), ValueError, "multiple of 4"),
    (lambda: tf.signal.linear_to_mel_weight_matrix(0), ValueError, "num_mel_bins must be positive"),
    (lambda: tf.signal.linear_to_mel_weight_matrix(lower_edge_hertz=-1.0), ValueError, "must be non-negative"),
    (lambda: tf.signal.linear_to_mel_weight_matrix(upper_edge_hertz=100.0), ValueError, ">= upper_edge_hertz"),
    (lambda: tf.signal.linear_to_mel_weight_matrix(upper_edge_hertz=5000.0), ValueError, "Nyquist"),
    (lambda: tf.signal.linear_to_mel_weight_matrix(sample_rate=-1), ValueError, "sample_rate must be positive"),
])  # fmt: skip
def test_refused(build, error, words):
    with pytest.raises(error, match=words):
        build()
