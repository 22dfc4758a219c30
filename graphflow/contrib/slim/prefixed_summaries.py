"""Summaries of tf.contrib.slim: several at once, with prefixes, printed if asked."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export

_HOME = "contrib.slim.summaries"


def _name(tensor: Any, name: str | None, prefix: str | None, postfix: str | None = None) -> str:
    found = name or tensor.op.name
    found = f"{prefix}/{found}" if prefix else found
    return f"{found}/{postfix}" if postfix else found


def _add(summary: Callable[..., Any], tensor: Any, name: str, print_summary: bool) -> Any:
    op = summary(name, tensor, collections=[])
    if print_summary:
        op = tf.Print(op, [tensor], name)
    tf.add_to_collection(tf.GraphKeys.SUMMARIES, op)
    return op


@export(f"{_HOME}.add_histogram_summary")
def add_histogram_summary(tensor: Any, name: str | None = None, prefix: str | None = None) -> Any:
    """A histogram called prefix/name (by default the tensor's name)."""
    return tf.summary.histogram(_name(tensor, name, prefix), tensor)


@export(f"{_HOME}.add_image_summary")
def add_image_summary(tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False) -> Any:
    """An image summary called prefix/name."""
    return _add(tf.summary.image, tensor, _name(tensor, name, prefix), print_summary)


@export(f"{_HOME}.add_scalar_summary")
def add_scalar_summary(tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False) -> Any:
    """A scalar summary called prefix/name; print_summary: its value is printed too."""
    return _add(tf.summary.scalar, tensor, _name(tensor, name, prefix), print_summary)


@export(f"{_HOME}.add_zero_fraction_summary")
def add_zero_fraction_summary(tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False) -> Any:
    """The share of zeros among a tensor's elements, as a scalar summary."""
    return add_scalar_summary(tf.nn.zero_fraction(tensor), _name(tensor, name, prefix, "Fraction of Zero Values"),
                              print_summary=print_summary)


@export(f"{_HOME}.add_histogram_summaries")
def add_histogram_summaries(tensors: Any, prefix: str | None = None) -> list[Any]:
    """A histogram of each tensor."""
    return [add_histogram_summary(tensor, prefix=prefix) for tensor in tensors]


@export(f"{_HOME}.add_image_summaries")
def add_image_summaries(tensors: Any, prefix: str | None = None) -> list[Any]:
    """An image summary of each tensor."""
    return [add_image_summary(tensor, prefix=prefix) for tensor in tensors]


@export(f"{_HOME}.add_scalar_summaries")
def add_scalar_summaries(tensors: Any, prefix: str | None = None, print_summary: bool = False) -> list[Any]:
    """A scalar summary of each tensor."""
    return [add_scalar_summary(tensor, prefix=prefix, print_summary=print_summary) for tensor in tensors]


@export(f"{_HOME}.add_zero_fraction_summaries")
def add_zero_fraction_summaries(tensors: Any, prefix: str | None = None) -> list[Any]:
    """The share of zeros of each tensor."""
    return [add_zero_fraction_summary(tensor, prefix=prefix) for tensor in tensors]
