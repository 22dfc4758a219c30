"""BasicDecoder: a cell, a helper that says what each step reads, and a layer on the outputs."""
from __future__ import annotations

import collections
from typing import Any

from ...core import nest
from ...core.export import export
from ...core.tensor_shape import TensorShape
from ...layers.base import Layer
from ...ops.scopes import name_scope
from ..cell import check_cell
from .decoder import Decoder
from .helpers import Helper

_Output = collections.namedtuple("_Output", ("rnn_output", "sample_id"))


@export("contrib.seq2seq.BasicDecoderOutput")
class BasicDecoderOutput(_Output):
    """What a step gives: rnn_output, of the cell or of the output layer, and sample_id, what the helper drew from it."""
    __slots__ = ()


@export("contrib.seq2seq.BasicDecoder")
class BasicDecoder(Decoder):
    """Runs a cell on what `helper` hands it, beginning with `initial_state`; output_layer, a tf.layers layer, follows the cell."""

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None):
        check_cell("cell", cell)
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        if output_layer is not None and not isinstance(output_layer, Layer):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")
        self._cell, self._helper, self._initial_state, self._output_layer = cell, helper, initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        return BasicDecoderOutput(output_shape(self._cell.output_size, self._output_layer), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        dtype = nest.flatten(self._initial_state)[0].dtype.base_dtype
        size = self._cell.output_size
        dtypes = nest.map_structure(lambda _: dtype, size) if nest.is_nested(size) else dtype
        return BasicDecoderOutput(dtypes, self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> Any:
        """(finished, first inputs, initial state)."""
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(BasicDecoderOutput, next state, next inputs, finished)."""
        with name_scope(name, "BasicDecoderStep", [time, *nest.flatten(inputs), *nest.flatten(state)]):
            outputs, after = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            ids = self._helper.sample(time=time, outputs=outputs, state=after)
            finished, following, after = self._helper.next_inputs(time=time, outputs=outputs, state=after, sample_ids=ids)
        return BasicDecoderOutput(outputs, ids), after, following, finished


def output_shape(size: Any, layer: Any) -> Any:
    """The shapes, without the batch, of a cell's outputs behind a layer."""
    if layer is None:
        return size
    known = [TensorShape([None]).concatenate(TensorShape([each] if isinstance(each, int) else each)) for each in nest.flatten(size)]
    behind = [TensorShape(layer.compute_output_shape(each))[1:] for each in known]
    return nest.pack_sequence_as(size, behind) if nest.is_nested(size) else behind[0]
