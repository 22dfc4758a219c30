"""Writes docs/contrib.md: which names of tf.contrib there are, which are not, and what to use in place of the parts that are absent.

    python tools/contrib_page.py            writes the page; run it after adding names to tf.contrib

The names that TensorFlow 1.15 had, with their arguments, are in tools/data/contrib_v1.json.
"""
from __future__ import annotations

import json
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = ("rnn", "seq2seq", "legacy_seq2seq", "lookup")     # packages whose absent names are not listed: tools/api_coverage.py tells
PAGE = ROOT / "docs" / "contrib.md"
HEAD = """# tf.contrib

Written by `tools/contrib_page.py`. `tf.contrib` was TensorFlow 1's box of parts that were not promised to stay; programs used some of them
everywhere. graphflow has those parts as a package of its own, read when `tf.contrib` is first touched; `import tensorflow.contrib.slim as
slim` works in programs that `graphflow run` runs, and so do inner modules (`tensorflow.contrib.layers.python.layers.utils`). Node names,
variable names, collections and values of layers, losses, training steps and networks are those of tf-slim 1.1 on TensorFlow 2.21, which is
the same code in a package of its own.

What is absent raises an error that names it (`NotImplementedError` and `AttributeError` in one, so that `hasattr` works), and says what to
use instead.

## What differs

- `batch_norm` refuses `renorm` and `adjustment`.
- `slim.learning.train` refuses `sync_optimizer`: everything runs in one process.
- `arg_scope` holds for the thread that opened it.
- `HParams` does not read `hparam_def` messages.
- `assign_from_checkpoint_fn` restores V1 and V2 checkpoints.
- `tf.contrib.learn`'s estimators are `tf.estimator.Estimator`s too. Feature columns of `tf.contrib.layers` are those of
  `tf.feature_column`: crosses hash as these do, and the weights of an embedding are called
  `embedding_weights`. Slots of optimizers have plain names.
- `tf.contrib.tpu.TPUEstimator` runs with `use_tpu=False` only.

## Names that are there
"""


def sections() -> dict[str, list[str]]:
    """{namespace: names}"""
    from graphflow._public.contrib_api import TABLE
    found: dict[str, list[str]] = defaultdict(list)
    for name in TABLE:
        space, _, leaf = name.rpartition(".")
        found[space].append(leaf)
    return found


def absent(there: dict[str, list[str]]) -> dict[str, list[str]]:
    """{namespace: names} of TensorFlow 1.15 that are not there, of the packages of which some are."""
    known = json.loads((ROOT / "tools" / "data" / "contrib_v1.json").read_text(encoding="utf-8"))
    leaves = {space: set(names) for space, names in there.items()}
    found: dict[str, list[str]] = defaultdict(list)
    for name in known:
        package, _, leaf = name.partition(".")
        if package in ELSEWHERE:
            continue
        names = {leaf for space, own in leaves.items() if space.split(".")[1] == package for leaf in own}
        if leaf.rpartition(".")[2] not in names:
            found[f"contrib.{package}"].append(leaf)
    return found


def listed(names: list[str]) -> str:
    return textwrap.fill(", ".join(f"`{name}`" for name in sorted(names)), 140, break_long_words=False, break_on_hyphens=False)


def page() -> str:
    from graphflow._public.contrib_hints import HINTS
    there = sections()
    lines = [HEAD]
    lines += [f"### tf.{space}\n\n{listed(names)}\n" for space, names in sorted(there.items())]
    lines.append("## Names of these packages that are absent\n")
    lines += [f"- `tf.{space}`: {', '.join(f'`{n}`' for n in sorted(names))}" for space, names in sorted(absent(there).items())]
    lines.append("\n## Packages that are absent, and what to use\n")
    lines += [f"- {', '.join(f'`tf.{name}`' for name in names.split())}: {hint}." for names, hint in HINTS.items() if names != "contrib"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
