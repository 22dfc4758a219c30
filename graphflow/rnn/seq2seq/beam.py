"""BeamSearchDecoder: keeps the likeliest continuations of each sequence instead of the likeliest symbol only."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import nest
from ...core.constant import constant
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32, int64
from ...core.export import export
from ...core.tensor_shape import TensorShape
from ...layers.base import Layer
from ...ops.array.axes import expand_dims
from ...ops.array.axes import size as size_of
from ...ops.array.basic import cast, reshape, shape
from ...ops.array.fill import one_hot, zeros
from ...ops.array.indexing import gather
from ...ops.array.joining import concat
from ...ops.array.tile import tile
from ...ops.control_flow.cond import cond
from ...ops.data_flow.tensor_array import TensorArray
from ...ops.nn.beams import gather_tree
from ...ops.reduce.reduction import reduce_all, reduce_max
from ...ops.scopes import name_scope
from ..cell import check_cell
from .beam_scores import BeamSearchDecoderOutput, BeamSearchDecoderState, FinalBeamSearchDecoderOutput, beam_step
from .decoder import Decoder
from .embedding_helpers import lookup
from .tiling import gather_tree_from_array
from .wrapper import AttentionWrapperState


@export("contrib.seq2seq.BeamSearchDecoder")
class BeamSearchDecoder(Decoder):
    """Searches with `beam_width` beams for the likeliest sequences of symbols, each from its start token to `end_token`, a scalar.

    embedding: a matrix [symbols, size] or a function of ids. start_tokens: int32 [batch]. initial_state: of a cell over batch * beams
    rows; `tile_batch` makes it from an encoder's, and the memory of an AttentionWrapper. output_layer: of the cell's outputs, giving
    logits. length_penalty_weight, coverage_penalty_weight: alpha and beta of Wu et al. 2016 (arXiv:1609.08144). reorder_tensor_arrays:
    sort a wrapper's alignment history [time, batch * beams, steps] by the beams found at last.
    """

    def __init__(self, cell: Any, embedding: Any, start_tokens: Any, end_token: Any, initial_state: Any, beam_width: int,
                 output_layer: Any = None, length_penalty_weight: Any = 0.0, coverage_penalty_weight: Any = 0.0,
                 reorder_tensor_arrays: bool = True):
        check_cell("cell", cell)
        if output_layer is not None and not isinstance(output_layer, Layer):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")
        self._cell, self._output_layer, self._beam_width = cell, output_layer, beam_width
        self._embedding, self._reorder = lookup(embedding), reorder_tensor_arrays
        self._length_weight, self._coverage_weight = length_penalty_weight, coverage_penalty_weight
        start_tokens = convert_to_tensor(start_tokens, int32, name="start_tokens")
        if start_tokens.static is None or len(start_tokens.static) != 1:
            raise ValueError(f"start_tokens must be a vector; {start_tokens.name} has shape {start_tokens.shape}")
        self._end_token = convert_to_tensor(end_token, int32, name="end_token")
        if self._end_token.static != ():
            raise ValueError(f"end_token must be a scalar; {self._end_token.name} has shape {self._end_token.shape}")
        self._known_batch = start_tokens.static[0]
        self._batch_size = size_of(start_tokens) if self._known_batch is None else constant(self._known_batch)
        self._start_inputs = self._embedding(tile(expand_dims(start_tokens, 1), [1, beam_width]))
        self._initial_state = nest.map_structure(self._split, initial_state)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def tracks_own_finished(self) -> bool:
        """True: beams change places, so that what has finished is told anew in each step."""
        return True

    @property
    def output_size(self) -> Any:
        return BeamSearchDecoderOutput(*[TensorShape([self._beam_width])] * 3)

    @property
    def output_dtype(self) -> Any:
        return BeamSearchDecoderOutput(self._dtype, int32, int32)

    @property
    def _dtype(self) -> Any:
        return next(x.dtype.base_dtype for x in nest.flatten(self._initial_state) if x.dtype.is_floating)

    def initialize(self, name: str | None = None) -> Any:
        """(finished [batch, beams], first inputs, BeamSearchDecoderState); all beams but the first are impossible at first."""
        def begun(on: Any, off: Any) -> Any:
            return one_hot(zeros([self._batch_size], int32), self._beam_width, on_value=on, off_value=off)

        finished = begun(constant(False), constant(True))
        weights = begun(constant(0.0, self._dtype), constant(-np.inf, self._dtype))
        finished.set_shape([self._known_batch, self._beam_width])
        weights.set_shape([self._known_batch, self._beam_width])
        lengths = zeros([self._batch_size, self._beam_width], int64)
        lengths.set_shape([self._known_batch, self._beam_width])
        attention: Any = ()
        if self._coverage_weight != 0.0:
            attention = self._attention_of(self._initial_state)
        return finished, self._start_inputs, BeamSearchDecoderState(self._initial_state, weights, finished, lengths, attention)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(BeamSearchDecoderOutput, BeamSearchDecoderState, next inputs, finished)."""
        with name_scope(name, "BeamSearchDecoderStep", [time, *nest.flatten(inputs)]):
            outputs, inner = self._cell(nest.map_structure(self._merge, inputs), nest.map_structure(self._merge, state.cell_state))
            outputs, inner = self._split(outputs), nest.map_structure(self._split, inner)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            attention = self._attention_of(inner) if self._coverage_weight != 0.0 else ()
            found, after = beam_step(outputs, inner, state, self._take, attention, self._beam_width, self._end_token,
                                     self._length_weight, self._coverage_weight)
            following = cond(reduce_all(after.finished), lambda: self._start_inputs, lambda: self._embedding(found.predicted_ids))
            for one, start in zip(nest.flatten(following), nest.flatten(self._start_inputs), strict=True):
                one.set_shape(start.shape)
        return found, after, following, after.finished

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """(FinalBeamSearchDecoderOutput with whole beams, the last state)."""
        longest = cast(reduce_max(final_state.lengths, axis=1), int32)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end_token)
        if self._reorder:
            final_state = final_state._replace(cell_state=nest.map_structure(
                lambda x: gather_tree_from_array(x.stack(), outputs.parent_ids, final_state.lengths) if isinstance(x, TensorArray) else x,
                final_state.cell_state))
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

    # The cell sees batch * beams rows, the search [batch, beams, ...]. Scalars and TensorArrays have no batch.

    def _split(self, x: Any) -> Any:
        if isinstance(x, TensorArray) or x.static == ():
            return x
        rest = self._rest(x, 1)
        made = reshape(x, concat([[self._batch_size, self._beam_width], shape(x)[1:]], 0))
        made.set_shape([self._known_batch, self._beam_width, *rest])
        return made

    def _merge(self, x: Any) -> Any:
        if isinstance(x, TensorArray) or x.static == ():
            return x
        rest = self._rest(x, 2)
        made = reshape(x, concat([[self._batch_size * self._beam_width], shape(x)[2:]], 0))
        made.set_shape([None if self._known_batch is None else self._known_batch * self._beam_width, *rest])
        return made

    def _rest(self, x: Any, begin: int) -> list[Any]:
        if x.static is None:
            raise ValueError(f"Expected tensor ({x}) to have known rank, but ndims == None.")
        return list(x.static[begin:])

    def _take(self, cell_state: Any, rows: Any) -> Any:
        def one(x: Any) -> Any:
            if isinstance(x, TensorArray) or x.static == ():
                return x
            return self._split(gather(self._merge(x), rows))
        return nest.map_structure(one, cell_state)

    def _attention_of(self, cell_state: Any) -> Any:
        """The alignments of an AttentionWrapper, [batch, beams, steps]; those of several mechanisms joined."""
        if not isinstance(cell_state, AttentionWrapperState):
            raise ValueError("coverage_penalty_weight needs a cell that is an AttentionWrapper; the state is "
                             f"a {type(cell_state).__name__}")
        found = cell_state.alignments
        return concat(list(found), -1) if isinstance(found, tuple) else found
