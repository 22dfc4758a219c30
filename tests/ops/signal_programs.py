"""Signal programs, run by graphflow and by TensorFlow (see tests/oracle/programs.py); values are compared, not nodes."""
import numpy as np

from tests.ops.nn_programs import values

WINDOWS = ("hann_window", "hamming_window", "kaiser_window", "vorbis_window")


def with_gradient(tf, y, x):
    weights = np.cos(np.arange(np.prod(y.shape.as_list()))).reshape(y.shape.as_list())
    if y.dtype.is_complex:
        loss = tf.reduce_sum(tf.real(y) * weights.astype(y.dtype.real_dtype.as_numpy_dtype)) + tf.reduce_sum(tf.imag(y))
    else:
        loss = tf.reduce_sum(y * weights.astype(y.dtype.as_numpy_dtype))
    return [y, *tf.gradients(loss, [x])]


def program_windows(tf):
    found = []
    for name in WINDOWS:
        window = getattr(tf.signal, name)
        found += [window(n) for n in (1, 2, 7, 16)] + [window(8, dtype=tf.float64), window(tf.placeholder_with_default(9, []))]
    found += [window(n, periodic=False) for window in (tf.signal.hann_window, tf.signal.hamming_window) for n in (7, 8)]
    derived = tf.signal.kaiser_bessel_derived_window
    return found + [tf.signal.kaiser_window(9, 5.0), derived(8), derived(6, 4.0)]


def program_frames(tf):
    x = tf.constant(values(3, 20))
    unknown = tf.placeholder_with_default(values(3, 20), [None, None])
    found = []
    for length, step in ((4, 2), (5, 5), (3, 7), (25, 4), (1, 1)):
        found += [tf.signal.frame(x, length, step), tf.signal.frame(x, length, step, True, 7.0)]
        found.append(tf.signal.frame(unknown, length, step, True))
        found.append(tf.signal.frame(x, min(length, 3), step, True, axis=0))
    found += with_gradient(tf, tf.signal.frame(x, 6, 4, pad_end=True), x)
    found += [tf.signal.frame(tf.range(10), 3, 2), tf.signal.frame(x, tf.placeholder_with_default(4, []), 2)]
    for length, step in ((4, 2), (5, 5), (3, 7), (5, 2), (4, 3)):
        y = tf.constant(values(2, 6, length))
        found += with_gradient(tf, tf.signal.overlap_and_add(y, step), y)
    found.append(tf.signal.overlap_and_add(tf.placeholder_with_default(values(2, 6, 4), [None, None, 4]), 2))
    return [*found, tf.signal.overlap_and_add(values(5, 4), 2)]


def program_short_time_transforms(tf):
    x = tf.constant(values(2, 64))
    found = []
    for length, step, points, window in ((16, 8, None, tf.signal.hann_window), (12, 5, None, tf.signal.hamming_window), (10, 4, 32, None),
                                         (16, 4, 8, tf.signal.hann_window)):
        for pad_end in (False, True):
            y = tf.signal.stft(x, length, step, points, window, pad_end)
            found += [y] if points == 8 else with_gradient(tf, y, x)     # TensorFlow has no gradient where frames are cut
            back = tf.signal.inverse_stft(y, length, step, points, window)
            found.append(back)
        if window is not None and points is None:
            found.append(tf.signal.inverse_stft(y, length, step, window_fn=tf.signal.inverse_stft_window_fn(step, window)))
    found.append(tf.signal.inverse_stft_window_fn(4)(16, dtype=tf.float64))
    return [*found, tf.signal.inverse_stft_window_fn(5)(12, tf.float32), tf.signal.stft(values(40, dtype=np.float64), 8, 4)]


def program_cosine_transforms(tf):
    x = tf.constant(values(2, 3, 10))
    found = []
    for kind in (1, 2, 3, 4):
        for norm in (None, "ortho"):
            if kind == 1 and norm:
                continue
            found += with_gradient(tf, tf.signal.dct(x, kind, norm=norm), x)
            found += [tf.signal.idct(x, kind, norm=norm), tf.signal.dct(x, kind, n=6, norm=norm), tf.signal.dct(x, kind, n=13, norm=norm)]
    unknown = tf.placeholder_with_default(values(2, 7), [None, None])
    return [*found, tf.signal.dct(unknown), tf.signal.dct(unknown, 3, norm="ortho"), tf.spectral.dct(values(8, dtype=np.float64)),
            tf.spectral.idct(values(8))]


def program_modified_cosine_transforms(tf):
    x = tf.constant(values(2, 48))
    found = []
    for window in (tf.signal.vorbis_window, tf.signal.kaiser_bessel_derived_window, None):
        for norm in (None, "ortho"):
            y = tf.signal.mdct(x, 16, window, norm=norm)
            found += [y, tf.signal.inverse_mdct(y, window, norm=norm), tf.signal.mdct(x, 12, window, True, norm)]
    return found


def program_mel(tf):
    found = [tf.signal.linear_to_mel_weight_matrix(), tf.signal.linear_to_mel_weight_matrix(10, 65, 16000, 20.0, 8000.0, tf.float64),
             tf.signal.linear_to_mel_weight_matrix(12, 33, tf.placeholder_with_default(8000.0, []))]
    x = tf.constant(values(2, 5, 20))
    return [*found, *with_gradient(tf, tf.signal.mfccs_from_log_mel_spectrograms(x), x)]


def program_shifts(tf):
    x = tf.constant(values(3, 4, 5))
    found = []
    for shift in (tf.signal.fftshift, tf.signal.ifftshift):
        found += [shift(x), shift(x, 1), shift(x, (0, 2)), shift(x, [-1]), shift(tf.placeholder_with_default(values(5, 4), [None, None]))]
    return found
