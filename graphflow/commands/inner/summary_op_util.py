"""tensorflow.python.ops.summary_op_util: names and collections of summaries, for programs that make kinds of their own."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphflow.core.context import default_graph
from graphflow.kernels.interrupts import whole
from graphflow.ops.io.summary import clean_tag as clean_tag
from graphflow.ops.io.summary import named


def skip_summary() -> bool:
    """False: everything runs in one replica, which writes the summaries."""
    return False


def collect(val: Any, collections: Any, default_collections: Any) -> None:
    """Adds `val` to each of `collections`; None stands for the default ones."""
    for key in default_collections if collections is None else collections:
        default_graph().add_to_collection(key, val)


@contextmanager
@whole
def summary_scope(name: Any, family: Any = None, default_name: Any = None, values: Any = None) -> Iterator[tuple[str, str]]:
    """(tag, scope) for a summary of this name: the scope is unique, the tag is its name, after the family once more."""
    with named(name, family, values, default_name) as pair:
        yield pair
