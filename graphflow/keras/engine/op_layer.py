"""TensorFlowOpLayer: one plain operation between layers."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core import context
from ...core.export import export
from ...formats import proto
from .history import WRAPPERS
from .layer import Layer


@export("keras.layers.TensorFlowOpLayer")
class TensorFlowOpLayer(Layer):
    """Makes the node of `node_def` anew on other inputs. constants: {number of an input: its value} of those that no layer gave."""

    def __init__(self, node_def: Any, name: str | None = None, constants: Any = None, trainable: bool = True, dtype: Any = None,
                 op: Any = None):
        if isinstance(node_def, dict):
            node_def = _message(node_def)
        super().__init__(trainable, f"tf_op_layer_{name or node_def.name}", dtype)
        self._op_name = name or node_def.name
        self._node_def = node_def
        self.constants = {int(k): v if isinstance(v, np.ndarray) else np.asarray(v) for k, v in (constants or {}).items()}
        self.built = True
        self._op_def: Any = None

    def call(self, inputs: Any) -> Any:
        flat = list(tf.nest.flatten(inputs))
        for place, value in sorted(self.constants.items()):
            flat.insert(place, tf.constant(value))
        if tf.executing_eagerly():
            return self._run(flat)
        return list(self._added(flat).outputs)

    def _run(self, flat: list[Any]) -> list[Any]:
        """The outputs, computed at once."""
        if self._op_def is None:
            with tf.Graph().as_default():
                self._op_def = self._added([tf.placeholder(x.dtype.base_dtype, x.shape) for x in flat])._op_def
        return list(context.default_graph()._add(self._op_def, tuple(flat), self._op_name, ()).outputs)

    def _added(self, flat: list[Any]) -> Any:
        node = proto.NodeDef()
        node.CopyFrom(self._node_def)
        node.name = "op"
        del node.input[:]
        graph_def = proto.GraphDef()
        mapping = {}
        for place, tensor in enumerate(flat):
            source = graph_def.node.add(name=f"in_{place}", op="Placeholder")
            source.attr["dtype"].type = tensor.dtype.base_dtype.as_datatype_enum
            node.input.append(f"in_{place}")
            mapping[f"in_{place}:0"] = tensor
        graph_def.node.add().CopyFrom(node)
        operation, = tf.import_graph_def(graph_def, mapping, ["op"], name="")
        return operation

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "name": self._op_name, "node_def": _plain(self._node_def), "constants": dict(self.constants)}


def _plain(node: Any) -> Any:
    from google.protobuf import json_format  # at first use: saves 5 ms; only models with plain operations are written with it
    return json_format.MessageToDict(node, preserving_proto_field_name=True)


def _message(values: Any) -> Any:
    from google.protobuf import json_format  # at first use: saves 5 ms; only models with plain operations are read with it
    return json_format.ParseDict(values, proto.NodeDef())


WRAPPERS.append(TensorFlowOpLayer)
