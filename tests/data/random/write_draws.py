"""Writes draws.npz with TensorFlow: `python write_draws.py`. Keys: op|parameters|runN, and #i for output i of several."""
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
arrays = {}


def run(key, tensors):
    for number in range(2):
        values = session.run(tensors)
        several = isinstance(values, (tuple, list))
        for index, value in enumerate(values if several else [values]):
            arrays[f"{key}|run{number}" + (f"#{index}" if several else "")] = np.asarray(value)


with tf.Graph().as_default(), tf.Session() as session:
    tf.set_random_seed(7)
    for n in (1, 2, 3, 4, 5, 6, 8, 9, 100):
        run(f"shuffle|{n}", tf.random_shuffle(tf.range(n), seed=3))
    run("shuffle|7x3", tf.random_shuffle(tf.reshape(tf.range(21), [7, 3]), seed=3))
    for dtype in (tf.float16, tf.float32, tf.float64):
        run(f"gamma|{dtype.name}", tf.random_gamma([50], tf.constant([0.3, 1.0, 1.7, 30.0], dtype), dtype=dtype, seed=5))
    for dtype in (tf.float16, tf.float32, tf.float64, tf.int32):
        run(f"poisson|{dtype.name}", tf.random_poisson(tf.constant([0.3, 1.0, 1.7, 12.0, 300.0]), [50], dtype=dtype, seed=5))
    logits = arrays["logits"] = np.log(np.random.RandomState(0).rand(3, 10))
    for n in (1, 2, 3, 7, 8):
        run(f"multinomial|float64|{n}", tf.multinomial(tf.constant(logits), n, seed=9))
        run(f"multinomial|float32|{n}", tf.multinomial(tf.constant(logits, tf.float32), n, seed=9, output_dtype=tf.int32))
    for name, draw in (("uniform", tf.random_uniform), ("normal", tf.random_normal), ("truncated_normal", tf.truncated_normal)):
        run(f"bfloat16|{name}", tf.cast(draw([33], dtype=tf.bfloat16, seed=4), tf.float32))
    classes = arrays["true_classes"] = np.array([[1, 2], [3, 9], [0, 5]], np.int64)
    for unique in (0, 1):
        for size in (16, 1000, 123457, (1 << 33) + 5):
            for n in (5, 10):
                arguments = [classes, 2, n, bool(unique), size, 11]
                run(f"uniform_sampler|{unique}|{size}|{n}", tf.nn.uniform_candidate_sampler(*arguments))
                run(f"log_uniform_sampler|{unique}|{size}|{n}", tf.nn.log_uniform_candidate_sampler(*arguments))
                if size < 1e6:
                    run(f"learned_unigram_sampler|{unique}|{size}|{n}", tf.nn.learned_unigram_candidate_sampler(*arguments))
        for size in (16, 13):
            unigrams = [float(i % 5 + 1) for i in range(size - 2)]
            run(f"fixed_unigram_sampler|{unique}|{size}|6", tf.nn.fixed_unigram_candidate_sampler(
                classes, 2, 6, bool(unique), size, distortion=0.75, num_reserved_ids=2, unigrams=unigrams, seed=11))
    run("all_sampler|1|12|12", tf.nn.all_candidate_sampler(classes, 2, 12, True, seed=1))
    for seed in ([1, 2], [-5, 7], [2**40, 3]):
        for dtype in (tf.int32, tf.int64):
            run(f"stateless_uniform|{seed}|{dtype.name}", tf.random.stateless_uniform([37], seed, minval=-5, maxval=100, dtype=dtype))
            run(f"stateless_full|{seed}|{dtype.name}", tf.random.stateless_uniform([37], seed, minval=None, maxval=None, dtype=dtype))
        for dtype in (tf.float16, tf.float32, tf.float64):
            run(f"stateless_uniform|{seed}|{dtype.name}", tf.random.stateless_uniform([37], seed, dtype=dtype))
            run(f"stateless_normal|{seed}|{dtype.name}", tf.random.stateless_normal([37], seed, dtype=dtype))
            run(f"stateless_truncated_normal|{seed}|{dtype.name}", tf.random.stateless_truncated_normal([37], seed, dtype=dtype))
            run(f"stateless_gamma|{seed}|{dtype.name}", tf.random.stateless_gamma([37], seed, alpha=tf.constant(1.7, dtype), dtype=dtype))
            rate = tf.constant(13.0, dtype)
            run(f"stateless_poisson|{seed}|{dtype.name}", tf.random.stateless_poisson([37], seed, lam=rate, dtype=dtype))
        run(f"stateless_multinomial|{seed}|5", tf.random.stateless_multinomial(tf.constant(logits), 5, seed))
np.savez_compressed(pathlib.Path(__file__).parent / "draws.npz", **arrays)
