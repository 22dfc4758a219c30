"""Summary ops: a serialized Summary message of tensors, in TensorFlow 1's forms. What the messages hold is made by
`formats.summary_values`; names, tags and collections follow TF1.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphflow.core import context
from graphflow.core.collections import GraphKeys
from graphflow.core.convert import convert_to_tensor
from graphflow.core.dtypes import (
    DType,
    float16,
    float32,
    float64,
    string,
    uint8,
)
from graphflow.core.errors import InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Op, Spec, one_of
from graphflow.formats import proto, summary_values
from graphflow.formats.errors import FormatError
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.kernels.interrupts import whole
from graphflow.ops.dtype_sets import REAL
from graphflow.ops.scopes import name_scope

from ...kernels.contract import Namespace


def _bad_color() -> np.ndarray:
    return np.array(summary_values.BAD_COLOR, np.uint8)


def _serialized(make_summary: Any, *arguments: Any) -> np.ndarray:
    """The result of a summary op: one string. What does not fit becomes TensorFlow's error."""
    try:
        summary = make_summary(*arguments)
    except (ValueError, FormatError) as error:
        raise InvalidArgumentError(None, None, str(error)) from None
    result = np.empty((), object)
    result[()] = summary.SerializeToString(deterministic=True)
    return result


class _SummaryOp(Op, host=True):
    """Base: the output is one string."""
    differentiable = False

    def infer(self, *inputs: Any) -> Spec:
        return Spec(string, ())


class ScalarSummary(_SummaryOp, sig="tags: string, values: T -> summary: string", host=True):
    """One simple value per tag."""

    T: DType = one_of(REAL)

    def kernel(self, xp: Namespace, tags: Any, values: Any) -> Any:
        return _serialized(summary_values.scalar_summary, np.asarray(tags, object), np.asarray(values))


class HistogramSummary(_SummaryOp, sig="tag: string, values: T -> summary: string", host=True):
    """A histogram of all values. NaN and infinity raise InvalidArgumentError."""

    T: DType = one_of(REAL, default=float32)

    def kernel(self, xp: Namespace, tag: Any, values: Any) -> Any:
        return _serialized(summary_values.histogram_summary, _scalar_tag(tag), np.asarray(values))


class ImageSummary(_SummaryOp, sig="tag: string, tensor: T -> summary: string", host=True):
    """PNG files of the first images of a batch [batch, height, width, 1, 3 or 4]."""
    least = {"max_images": 1}

    max_images: int = 3
    T: DType = one_of(uint8, float32, float16, float64, default=float32)
    bad_color: np.ndarray = _bad_color()

    def kernel(self, xp: Namespace, tag: Any, tensor: Any) -> Any:
        color = self.bad_color
        color = array_from_proto(color) if hasattr(color, "tensor_shape") else np.asarray(color)
        return _serialized(summary_values.image_summary, _scalar_tag(tag), np.asarray(tensor), self.max_images, color)


class AudioSummaryV2(_SummaryOp, sig="tag: string, tensor: float32, sample_rate: float32 -> summary: string", host=True):
    """WAV files of the first sounds of a batch [batch, frames] or [batch, frames, channels]."""
    least = {"max_outputs": 1}

    max_outputs: int = 3

    def kernel(self, xp: Namespace, tag: Any, tensor: Any, sample_rate: Any) -> Any:
        rate = np.asarray(sample_rate)
        if rate.size != 1:
            raise InvalidArgumentError(None, None, f"sample_rate must be a scalar, not of shape {list(rate.shape)}")
        return _serialized(summary_values.audio_summary, _scalar_tag(tag), np.asarray(tensor), float(rate.reshape(())), self.max_outputs)


class AudioSummary(_SummaryOp, sig="tag: string, tensor: float32 -> summary: string", host=True):
    """The older form of AudioSummaryV2, with the sample rate as an attribute."""
    least = {"max_outputs": 1}

    sample_rate: float
    max_outputs: int = 3

    def kernel(self, xp: Namespace, tag: Any, tensor: Any) -> Any:
        return _serialized(summary_values.audio_summary, _scalar_tag(tag), np.asarray(tensor), self.sample_rate, self.max_outputs)


class TensorSummaryV2(_SummaryOp, sig="tag: string, tensor: T, serialized_summary_metadata: string -> summary: string", host=True):
    """A whole tensor and the metadata of a plugin."""

    T: DType

    def kernel(self, xp: Namespace, tag: Any, tensor: Any, serialized_summary_metadata: Any) -> Any:
        metadata = _scalar_tag(serialized_summary_metadata)
        return _serialized(summary_values.tensor_summary, _scalar_tag(tag), np.asarray(tensor), metadata, self.T.number)


class MergeSummary(_SummaryOp, sig="inputs: string*N -> summary: string", host=True):
    """All values of several summaries; a tag may occur once."""
    least = {"N": 1}

    N: int

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return _serialized(summary_values.merged_summary, [data for value in inputs for data in np.asarray(value, object).ravel().tolist()])


def _scalar_tag(tag: Any) -> Any:
    array = np.asarray(tag, object)
    if array.ndim:
        raise InvalidArgumentError(None, None, "tags must be scalar")
    return array[()]


# ---- public functions --------------------------------------------------------------------------------------------------


@export("summary.scalar", old=["scalar_summary"])
def scalar(name: Any, tensor: Any, collections: Any = None, family: Any = None) -> Any:
    """A serialized Summary with one number.

    name: of the node and of the series in TensorBoard. tensor: real, one value. collections: by default `GraphKeys.SUMMARIES`, which
    `merge_all` reads. family: prefix of the tag, the tab in TensorBoard.
    """
    with named(name, family, [tensor]) as (tag, scope):
        return _collected(make(ScalarSummary, tag, tensor, name=scope), collections, [GraphKeys.SUMMARIES])


@export("summary.histogram", old=["histogram_summary"])
def histogram(name: Any, values: Any, collections: Any = None, family: Any = None) -> Any:
    """A serialized Summary with a histogram of `values` (real, any shape; finite numbers)."""
    with named(name, family, [values], "HistogramSummary") as (tag, scope):
        return _collected(make(HistogramSummary, tag, values, name=scope), collections, [GraphKeys.SUMMARIES])


@export("summary.image", old=["image_summary"])
def image(name: Any, tensor: Any, max_outputs: int = 3, collections: Any = None, family: Any = None) -> Any:
    """A serialized Summary with up to `max_outputs` images.

    tensor: [batch, height, width, channels], 1 (grey), 3 (RGB) or 4 (RGBA) channels. uint8 is taken as it is; floating images are
    scaled one by one, to 0 .. 255, or so that 0 becomes 128 where there are negative values. Tags: name/image, or name/image/i if
    there may be several.
    """
    with named(name, family, [tensor]) as (tag, scope):
        return _collected(make(ImageSummary, tag, tensor, max_images=max_outputs, name=scope), collections, [GraphKeys.SUMMARIES])


@export("summary.audio", old=["audio_summary"])
def audio(name: Any, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None, family: Any = None) -> Any:
    """A serialized Summary with up to `max_outputs` sounds.

    tensor: float32 in -1 .. 1, [batch, frames] or [batch, frames, channels]. sample_rate: Hz, float32.
    """
    with named(name, family, [tensor]) as (tag, scope):
        rate = _float32(sample_rate, "sample_rate")
        made = make(AudioSummaryV2, tag, tensor, rate, max_outputs=max_outputs, name=scope)
        return _collected(made, collections, [GraphKeys.SUMMARIES])


@export("summary.text")
def text(name: Any, tensor: Any, collections: Any = None) -> Any:
    """A serialized Summary with strings (any shape), shown by TensorBoard's text tab as Markdown."""
    if getattr(tensor, "dtype", None) is not string:
        found = getattr(getattr(tensor, "dtype", None), "name", type(tensor).__name__)
        raise ValueError(f"Expected tensor {name} to have dtype string, got {found}")
    metadata = proto.SummaryMetadata(plugin_data={"plugin_name": "text"})
    return tensor_summary(name, tensor, summary_metadata=metadata, collections=collections)


@export("summary.tensor_summary")
def tensor_summary(
    name: Any,
    tensor: Any,
    summary_description: Any = None,
    collections: Any = None,
    summary_metadata: Any = None,
    family: Any = None,
    display_name: Any = None,
) -> Any:
    """A serialized Summary with a whole tensor, and metadata that says which plugin shows it."""
    metadata = proto.SummaryMetadata()
    if summary_metadata is not None:
        metadata.MergeFromString(summary_metadata.SerializeToString())
    if display_name is not None:
        metadata.display_name = display_name
    if summary_description is not None:
        metadata.summary_description = summary_description
    with named(name, family, [tensor]) as (tag, scope):
        made = make(TensorSummaryV2, tag, tensor, metadata.SerializeToString(), name=scope)
        return _collected(made, collections, [GraphKeys.SUMMARIES])


@export("summary.merge", old=["merge_summary"])
def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """A serialized Summary with all values of `inputs`, a list of summary tensors. A tag may occur once."""
    if isinstance(inputs, (list, tuple)) and not inputs:
        raise ValueError("List argument 'inputs' to 'MergeSummary' Op with length 0 shorter than minimum length 1.")
    with name_scope(name, "Merge", inputs):
        return _collected(make(MergeSummary, list(inputs), name=name), collections, [])


@export("summary.merge_all", old=["merge_all_summaries"])
def merge_all(key: Any = GraphKeys.SUMMARIES, scope: Any = None, name: str | None = None) -> Any:
    """All summaries of the collection `key` merged, or None where there are none.

    scope: a regular expression that their names begin with.
    """
    found = context.default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


@export("summary.get_summary_description")
def get_summary_description(node_def: Any) -> Any:
    """The SummaryDescription of the NodeDef of a TensorSummary op."""
    if node_def.op != "TensorSummary":
        raise ValueError(f"Expected node_def.op to be TensorSummary, got {node_def.op}")
    described = json.loads(node_def.attr["description"].s.decode("utf-8") or "{}")
    return proto.SummaryDescription(type_hint=described.get("typeHint", ""))


@export("summary.all_v2_summary_ops")
def all_v2_summary_ops() -> list[Any]:
    """The V2-style summary ops of the graph: none, graphflow makes those of TF1."""
    return []




def _float32(value: Any, name: str) -> Any:
    return convert_to_tensor(value, dtype=float32, name=name)


@contextmanager
@whole
def named(name: Any, family: Any, values: Any, default_name: Any = None) -> Iterator[tuple[str, str]]:
    """(tag, scope): the scope is named after the summary and unique; the tag is the scope's name, after the family once more."""
    name, family = clean_tag(name), clean_tag(family)
    base = name if family is None else f"{family}/{name}"
    with name_scope(base, default_name, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def clean_tag(name: Any) -> Any:
    """A name that may be a node's and a tag's: other characters become `_`, slashes in front go."""
    if name is None:
        return None
    cleaned = re.sub(r"[^-/\w.]", "_", name).lstrip("/")
    if cleaned != name:
        logging.getLogger("tensorflow").info("Summary name %s is illegal; using %s instead.", name, cleaned)
    return cleaned


def _collected(value: Any, collections: Any, default: list[str]) -> Any:
    graph = context.default_graph()
    for key in default if collections is None else collections:
        graph.add_to_collection(key, value)
    return value
