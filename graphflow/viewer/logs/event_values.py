"""What a value of a Summary is: scalars are numbers at once, everything else is looked at when somebody asks for it."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from graphflow.formats.errors import FormatError
from graphflow.formats.tensor_proto import array_from_proto

# plugin that a value's metadata names -> kind of data here; what is not listed is a tensor
OF_PLUGIN = {
    "scalars": "scalars", "images": "images", "audio": "audio", "text": "text", "histograms": "histograms", "pr_curves": "pr_curves",
    "hparams": "hparams", "custom_scalars": "custom_scalars", "mesh": "mesh", "graph_keras_model": "keras_model",
    "graph_run_metadata": "trace_graph", "graph_run_metadata_graph": "trace_graph",
}  # fmt: skip
OF_FIELD = {"simple_value": "scalars", "image": "images", "histo": "histograms", "audio": "audio"}
SCALAR_CLASS = 1  # DataClass.DATA_CLASS_SCALAR
_FLOAT, _DOUBLE, _STRING = 1, 2, 7


@dataclass
class TagNotes:
    """What a run says about its tags; only the first value of a tag carries it. contents: plugin data by tag, where it is the data."""

    plugins: dict[str, str] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def take(self, tag: str, metadata: Any) -> None:
        """Takes in the SummaryMetadata of a tag's value."""
        plugin = metadata.plugin_data.plugin_name
        if plugin:
            self.plugins[tag] = plugin if plugin in OF_PLUGIN or metadata.data_class != SCALAR_CLASS else "scalars"
            if plugin == "hparams":
                self.contents[tag] = metadata.plugin_data.content
        if metadata.display_name or metadata.summary_description:
            self.titles[tag] = (metadata.display_name, metadata.summary_description)


def kind_of(value: Any, notes: TagNotes) -> str:
    """The kind of a Summary.Value; empty for a value that holds nothing."""
    which = value.WhichOneof("value")
    if which == "tensor":
        plugin = notes.plugins.get(value.tag, "")
        kind = OF_PLUGIN.get(plugin, "")
        return kind or ("text" if value.tensor.dtype == _STRING and not plugin else "tensors")
    if which is None:
        return OF_PLUGIN.get(notes.plugins.get(value.tag, ""), "")
    return OF_FIELD.get(which, "")


def scalar_of(tensor: Any) -> float:
    """The number in a TensorProto of one element; ValueError or FormatError when it is none."""
    if tensor.dtype == _FLOAT:
        if len(tensor.float_val) == 1:
            return float(tensor.float_val[0])
        if len(tensor.tensor_content) == 4:
            return float(struct.unpack("<f", tensor.tensor_content)[0])
    elif tensor.dtype == _DOUBLE and len(tensor.double_val) == 1:
        return float(tensor.double_val[0])
    elif tensor.dtype == _STRING:
        raise ValueError("a text where a number should be")
    found = array_from_proto(tensor)
    if found.size != 1:
        raise ValueError(f"a tensor of shape {list(found.shape)} where one number should be")
    return float(found.reshape(-1)[0])


def split(values: Any, notes: TagNotes, told: Any) -> tuple[list[str], list[float], bool, list[tuple[str, str]], list[int]]:
    """(tags of scalars, their values, whether all are float32, (kind, tag) of the others, their places in the summary).

    told(text): a value that cannot be used.
    """
    tags: list[str] = []
    numbers: list[float] = []
    single = True
    others: list[tuple[str, str]] = []
    places: list[int] = []
    for place, value in enumerate(values):
        tag = value.tag
        if value.HasField("metadata"):
            notes.take(tag, value.metadata)
        kind = kind_of(value, notes)
        if kind != "scalars":
            if kind:
                others.append((kind, tag))
                places.append(place)
        elif value.HasField("tensor"):
            try:
                numbers.append(scalar_of(value.tensor))
            except (ValueError, FormatError) as error:
                told(f"{tag}: {error}")
                continue
            single = single and value.tensor.dtype == _FLOAT
            tags.append(tag)
        elif value.WhichOneof("value") == "simple_value":
            tags.append(tag)
            numbers.append(value.simple_value)
    return tags, numbers, single, others, places
