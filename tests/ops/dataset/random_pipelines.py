"""Random pipelines of tf.data, the same for graphflow and TensorFlow: a source, then two to six steps, each drawn by the seed.

    $GRAPHFLOW_TF_PYTHON -m tests.ops.dataset.random_pipelines FILE COUNT      writes what the first COUNT give

An element is an int64 number, a vector, or a pair of either, so that each step knows what it gets.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

import numpy as np

LIMIT = 60


class Pipeline:
    """A dataset with the text that makes it. form: "n" a number, "v" a vector, "p" a pair of numbers."""

    def __init__(self, tf, seed):
        self.tf, self.draw, self.text = tf, random.Random(seed), []
        tf.set_random_seed(self.draw.randrange(1, 100))
        self.dataset, self.form = self.source()
        for _ in range(self.draw.randint(2, 6)):
            self.step()

    def says(self, text, dataset, form=None):
        self.text.append(text)
        return dataset, form or self.form

    def source(self):
        tf, n = self.tf, self.draw.randint(0, 9)
        kind = self.draw.choice(("range", "slices", "pairs", "generator", "tensors"))
        if kind == "range":
            return self.says(f"range({n})", tf.data.Dataset.range(n), "n")
        if kind == "slices":
            return self.says(f"slices({n})", tf.data.Dataset.from_tensor_slices(np.arange(n, dtype=np.int64) ** 2), "n")
        if kind == "pairs":
            return self.says(f"pairs({n})", tf.data.Dataset.from_tensor_slices((np.arange(n), np.arange(n) * 10)), "p")
        if kind == "generator":
            return self.says(f"generator({n})", tf.data.Dataset.from_generator(lambda: iter(range(n)), tf.int64, []), "n")
        return self.says(f"tensors({n})", tf.data.Dataset.from_tensors(np.int64(n)), "n")

    def step(self):
        names = ["take", "skip", "shuffle", "repeat", "cache", "prefetch", "shard", "concatenate", "twice"]
        names += {"n": ["map", "filter", "batch", "zip", "flat_map", "interleave", "window", "scan", "unique", "enumerate", "pad", "group",
                        "while", "calls", "choose", "sample"],
                  "p": ["first", "swap", "filter_pair"], "v": ["unbatch", "sum", "rebatch"]}[self.form]
        self.dataset, self.form = getattr(self, f"do_{self.draw.choice(names)}")(self.dataset)

    # -- for any elements
    def do_take(self, d):
        n = self.draw.randint(-1, 7)
        return self.says(f"take({n})", d.take(n))

    def do_skip(self, d):
        n = self.draw.randint(-1, 4)
        return self.says(f"skip({n})", d.skip(n))

    def do_shuffle(self, d):
        size, seed, again = self.draw.randint(1, 8), self.draw.choice((None, 3, 8)), self.draw.choice((None, True, False))
        return self.says(f"shuffle({size}, {seed}, {again})", d.shuffle(size, seed, again))

    def do_repeat(self, d):
        n = self.draw.choice((0, 1, 2, 3, None))
        return self.says(f"repeat({n})", d.repeat(n))

    def do_cache(self, d):
        return self.says("cache()", d.cache())

    def do_prefetch(self, d):
        n = self.draw.randint(1, 3)
        return self.says(f"prefetch({n})", d.prefetch(n))

    def do_shard(self, d):
        n = self.draw.randint(1, 3)
        k = self.draw.randrange(n)
        return self.says(f"shard({n}, {k})", d.shard(n, k))

    def do_concatenate(self, d):
        n = self.draw.randint(0, 3)
        return self.says(f"concatenate(take({n}))", d.concatenate(d.take(n)))

    def do_twice(self, d):
        size, count = self.draw.randint(1, 5), self.draw.randint(1, 3)
        made = d.apply(self.tf.data.experimental.shuffle_and_repeat(size, count, seed=5))
        return self.says(f"shuffle_and_repeat({size}, {count})", made)

    # -- for numbers
    def do_map(self, d):
        k = self.draw.randint(1, 5)
        return self.says(f"map(x * {k} + 1)", d.map(lambda x: x * k + 1))

    def do_calls(self, d):
        return self.says("map(x + 2, 2 calls)", d.map(lambda x: x + 2, num_parallel_calls=2))

    def do_filter(self, d):
        k = self.draw.randint(2, 4)
        return self.says(f"filter(x % {k} != 1)", d.filter(lambda x: self.tf.not_equal(x % k, 1)))

    def do_batch(self, d):
        n, drop = self.draw.randint(1, 4), self.draw.choice((True, False))
        return self.says(f"batch({n}, {drop})", d.batch(n, drop_remainder=drop), "v")

    def do_zip(self, d):
        return self.says("zip(self, skip(1))", self.tf.data.Dataset.zip((d, d.skip(1))), "p")

    def do_flat_map(self, d):
        return self.says("flat_map(range(x % 4))", d.flat_map(lambda x: self.tf.data.Dataset.range(x % 4)))

    def do_interleave(self, d):
        cycle, block = self.draw.randint(1, 4), self.draw.randint(1, 3)
        made = d.interleave(lambda x: self.tf.data.Dataset.range(x, x + x % 5), cycle_length=cycle, block_length=block)
        return self.says(f"interleave(range(x, x + x % 5), {cycle}, {block})", made)

    def do_window(self, d):
        size, shift, stride = self.draw.randint(1, 3), self.draw.randint(1, 3), self.draw.randint(1, 2)
        drop = self.draw.choice((True, False))
        made = d.window(size, shift, stride, drop).flat_map(lambda w: w.batch(size))
        return self.says(f"window({size}, {shift}, {stride}, {drop}).flat_map(batch)", made, "v")

    def do_scan(self, d):
        made = d.apply(self.tf.data.experimental.scan(np.int64(0), lambda s, x: (s + x, s * 2 + x)))
        return self.says("scan(s + x, 2 s + x)", made)

    def do_unique(self, d):
        return self.says("unique()", d.apply(self.tf.data.experimental.unique()))

    def do_enumerate(self, d):
        return self.says("enumerate(5)", d.apply(self.tf.data.experimental.enumerate_dataset(5)), "p")

    def do_pad(self, d):
        n = self.draw.randint(1, 3)
        made = d.map(lambda x: self.tf.fill([x % 4], x)).padded_batch(n, [None], self.tf.constant(-1, self.tf.int64))
        return self.says(f"map(fill).padded_batch({n}).map(sum of rows)", made.map(lambda m: self.tf.reduce_sum(m, 1)), "v")

    def do_group(self, d):
        k, size = self.draw.randint(1, 3), self.draw.randint(1, 3)
        made = d.apply(self.tf.data.experimental.group_by_window(lambda x: x % k, lambda _, w: w.batch(4), window_size=size))
        return self.says(f"group_by_window(x % {k}, batch, {size})", made, "v")

    def do_while(self, d):
        k = self.draw.randint(3, 20)
        return self.says(f"take_while(x < {k})", d.apply(self.tf.data.experimental.take_while(lambda x: x < k)))

    def do_choose(self, d):
        made = self.tf.data.experimental.choose_from_datasets([d, d.map(lambda x: -x)], self.tf.data.Dataset.range(2).repeat())
        return self.says("choose_from_datasets([self, -self], 0 1 0 1 ...)", made)

    def do_sample(self, d):
        made = self.tf.data.experimental.sample_from_datasets([d, d.map(lambda x: -x)], weights=[0.3, 0.7], seed=4)
        return self.says("sample_from_datasets([self, -self], seed 4)", made)

    # -- for pairs and vectors
    def do_first(self, d):
        return self.says("map(first)", d.map(lambda a, b: a), "n")

    def do_swap(self, d):
        return self.says("map(swap)", d.map(lambda a, b: (b, a)))

    def do_filter_pair(self, d):
        return self.says("filter(a < b)", d.filter(lambda a, b: a < b))

    def do_unbatch(self, d):
        return self.says("unbatch()", d.apply(self.tf.data.experimental.unbatch()), "n")

    def do_sum(self, d):
        return self.says("map(sum)", d.map(self.tf.reduce_sum), "n")

    def do_rebatch(self, d):
        n = self.draw.randint(1, 3)
        return self.says(f"unbatch().batch({n})", d.apply(self.tf.data.experimental.unbatch()).batch(n))


def results(tf, seed):
    """[the pipeline's text, its dtypes and shapes, how many elements it is known to have, the elements of two initializations]."""
    tf.reset_default_graph()
    made = Pipeline(tf, seed)
    iterator = tf.data.make_initializable_iterator(made.dataset)
    fetch, size = iterator.get_next(), tf.data.experimental.cardinality(made.dataset)
    output = f"{tf.data.get_output_types(made.dataset)} {tf.data.get_output_shapes(made.dataset)}"
    found = [".".join(made.text), output]
    with tf.Session() as session:
        found.append(int(session.run(size)))
        for _ in range(2):
            session.run(iterator.initializer)
            elements = []
            try:
                while len(elements) < LIMIT:
                    value = session.run(fetch)
                    elements.append([int(v) for v in value] if isinstance(value, tuple) else np.asarray(value).tolist())
                elements.append("more")
            except tf.errors.OutOfRangeError:
                elements.append("end")
            found.append(elements)
    return found


if __name__ == "__main__":
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1")
    import tensorflow.compat.v1 as tensorflow

    tensorflow.disable_v2_behavior()
    Path(sys.argv[1]).write_text(json.dumps([results(tensorflow, seed) for seed in range(int(sys.argv[2]))]))
