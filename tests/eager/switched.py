"""Eager execution for the length of a test."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator

import graphflow as tf
from graphflow.core import context


@contextlib.contextmanager
def eagerly(v2: bool = False) -> Iterator[None]:
    """Ops made inside run at once; afterwards graphs are back."""
    before, graph, shows_ids = list(context._default), context.eager_graph, context.behavior.shows_ids
    context._default.clear()
    context.eager_graph = None
    try:
        (tf.enable_v2_behavior if v2 else tf.enable_eager_execution)()
        yield
    finally:
        context._default[:] = before
        context.eager_graph = graph
        context.behavior.tensor_equality, context.behavior.shows_ids = False, shows_ids
