"""AttentionWrapper: a cell that reads, beside its inputs, what attention found in a memory."""
from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from ...core import context, nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...layers.core import Dense
from ...ops.array.axes import expand_dims, squeeze
from ...ops.array.basic import identity, shape
from ...ops.array.fill import one_hot, zeros
from ...ops.array.joining import concat
from ...ops.checks.asserts import assert_equal
from ...ops.data_flow.tensor_array import TensorArray
from ...ops.linalg.matmul import matmul
from ...ops.reduce.positions import argmax
from ...ops.scopes import name_scope
from ..cell import RNNCell, check_cell
from ..state import zero_state_of
from .memory import AttentionMechanism

_State = collections.namedtuple("_State", ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state"))


@export("contrib.seq2seq.AttentionWrapperState")
class AttentionWrapperState(_State):
    """A wrapper's state: the cell's, the attention last given, the number of steps, and each mechanism's alignments, history and state."""
    __slots__ = ()

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """The state with some parts replaced, as decoder_state.clone(cell_state=encoder_state); shapes must agree."""
        def checked(old: Any, new: Any) -> Any:
            if isinstance(old, Tensor) and isinstance(new, Tensor):
                new.set_shape(old.shape)
            return new
        return nest.map_structure(checked, self, self._replace(**kwargs))


@export("contrib.seq2seq.hardmax")
def hardmax(logits: Any, name: str | None = None) -> Any:
    """1 at the largest logit of the last axis, 0 elsewhere."""
    with name_scope(name, "Hardmax", [logits]):
        logits = convert_to_tensor(logits, name="logits")
        depth = shape(logits)[-1] if logits.shape[-1].value is None else logits.shape[-1].value
        return one_hot(argmax(logits, -1), depth, dtype=logits.dtype)


def _attend(mechanism: Any, cell_output: Any, attention_state: Any, attention_layer: Any) -> tuple[Any, Any, Any]:
    """(attention [batch, size], alignments, next state of the mechanism)."""
    alignments, after = mechanism(cell_output, state=attention_state)
    found = squeeze(matmul(expand_dims(alignments, 1), mechanism.values), [1])
    if attention_layer is not None:
        found = attention_layer(concat([cell_output, found], 1))
    return found, alignments, after


@export("contrib.seq2seq.AttentionWrapper")
class AttentionWrapper(RNNCell):
    """A cell whose inputs are joined with the attention of the step before, and whose output asks one or several mechanisms.

    attention_layer_size: of a layer without bias over (output, what was found), one size for each mechanism, or attention_layer, the
    layers themselves; else attention is what was found. alignment_history: keep all alignments in TensorArrays of the state.
    cell_input_fn(inputs, attention): instead of joining. output_attention: whether the wrapper gives the attention, or the cell's output.
    initial_cell_state: what zero_state begins with. attention_fn(mechanism, cell_output, attention_state, attention_layer): instead of
    the product of alignments and values.
    """

    def __init__(self, cell: Any, attention_mechanism: Any, attention_layer_size: Any = None, alignment_history: bool = False,
                 cell_input_fn: Callable[[Any, Any], Any] | None = None, output_attention: bool = True, initial_cell_state: Any = None,
                 name: str | None = None, attention_layer: Any = None, attention_fn: Callable[..., Any] | None = None, dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        check_cell("cell", cell)
        self._several = isinstance(attention_mechanism, (list, tuple))
        self._mechanisms = tuple(attention_mechanism) if self._several else (attention_mechanism,)
        for mechanism in self._mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError(f"attention_mechanism must be an AttentionMechanism instance or a list of them, saw type: "
                                f"{type(mechanism).__name__}")
        if cell_input_fn is not None and not callable(cell_input_fn):
            raise TypeError(f"cell_input_fn must be callable, saw type: {type(cell_input_fn).__name__}")
        if attention_layer_size is not None and attention_layer is not None:
            raise ValueError("Only one of attention_layer_size and attention_layer should be set")
        self._cell, self._output_attention, self._history = cell, output_attention, alignment_history
        self._cell_input = cell_input_fn or (lambda inputs, attention: concat([inputs, attention], -1))
        self._attention_fn = attention_fn or _attend
        self._layers, self._attention_size = self._layers_of(attention_layer_size, attention_layer, dtype)
        with name_scope(name, "AttentionWrapperInit"):
            self._initial = initial_cell_state
            if initial_cell_state is not None:
                batch = _batch_of(initial_cell_state)
                checks = [_same_batch(batch, mechanism) for mechanism in self._mechanisms]
                with context.default_graph().control_dependencies([check for check in checks if check is not None]):
                    self._initial = nest.map_structure(lambda s: identity(s, name="check_initial_cell_state"), initial_cell_state)

    def _layers_of(self, sizes: Any, layers: Any, dtype: Any) -> tuple[Any, int]:
        """(a layer for each mechanism or None, the size of the attention)."""
        count = len(self._mechanisms)
        given = sizes if sizes is not None else layers
        if given is None:
            return None, sum(mechanism.values.shape[-1].value for mechanism in self._mechanisms)
        given = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        if len(given) != count:
            what = "attention_layer_size" if sizes is not None else "attention_layer"
            raise ValueError(f"If provided, {what} must contain exactly one integer or layer per attention_mechanism, saw: "
                             f"{len(given)} vs {count}")
        if sizes is not None:
            named = (Dense(size, name="attention_layer" if count == 1 else f"attention_layer_{i}", use_bias=False, dtype=dtype)
                     for i, size in enumerate(given))
            return tuple(named), sum(given)
        widths = [_width(mechanism, layer, self._cell) for mechanism, layer in zip(self._mechanisms, given, strict=True)]
        return given, sum(widths)

    def _one_or_all(self, items: Any) -> Any:
        items = tuple(items)
        return items if self._several else items[0]

    def _each(self, given: Any) -> tuple[Any, ...]:
        return tuple(given) if self._several else (given,)

    @property
    def output_size(self) -> Any:
        return self._attention_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> Any:
        return AttentionWrapperState(
            cell_state=self._cell.state_size, time=TensorShape([]), attention=self._attention_size,
            alignments=self._one_or_all(m.alignments_size for m in self._mechanisms),
            attention_state=self._one_or_all(m.state_size for m in self._mechanisms),
            alignment_history=self._one_or_all(m.alignments_size if self._history else () for m in self._mechanisms))

    def zero_state(self, batch_size: Any, dtype: Any) -> AttentionWrapperState:
        """The state before the first step; InvalidArgumentError when it runs with another batch than a memory's (beam search needs
        `tf.contrib.seq2seq.tile_batch` of memory and lengths, and batch_size times the beam width)."""
        with name_scope(f"{type(self).__name__}ZeroState"):
            inner = self._initial if self._initial is not None else self._cell.zero_state(batch_size, dtype)
            checks = [_same_batch(batch_size, mechanism) for mechanism in self._mechanisms]
            with context.default_graph().control_dependencies([check for check in checks if check is not None]):
                inner = nest.map_structure(lambda s: identity(s, name="checked_cell_state"), inner)
            alignments = [mechanism.initial_alignments(batch_size, dtype) for mechanism in self._mechanisms]
            return AttentionWrapperState(
                cell_state=inner, time=zeros([], int32), attention=zero_state_of(self._attention_size, batch_size, dtype),
                alignments=self._one_or_all(alignments),
                attention_state=self._one_or_all(mechanism.initial_state(batch_size, dtype) for mechanism in self._mechanisms),
                alignment_history=self._one_or_all(
                    TensorArray(dtype, size=0, dynamic_size=True, element_shape=one.shape) if self._history else () for one in alignments))

    def call(self, inputs: Any, state: Any) -> Any:
        """(attention or the cell's output, AttentionWrapperState)."""
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(f"Expected state to be instance of AttentionWrapperState. Received type {type(state)} instead: {state}. "
                            "Begin with zero_state(batch_size, dtype), and put an encoder's state into it by "
                            ".clone(cell_state=encoder_state).")
        output, inner = self._cell(self._cell_input(inputs, state.attention), state.cell_state)
        checks = [_same_batch(_batch_of(output), mechanism) for mechanism in self._mechanisms]
        with context.default_graph().control_dependencies([check for check in checks if check is not None]):
            output = identity(output, name="checked_cell_output")
        attentions, alignments, states, histories = [], [], [], []
        for i, (mechanism, before, history) in enumerate(zip(self._mechanisms, self._each(state.attention_state),
                                                              self._each(state.alignment_history), strict=True)):
            attention, alignment, after = self._attention_fn(mechanism, output, before, self._layers[i] if self._layers else None)
            attentions.append(attention)
            alignments.append(alignment)
            states.append(after)
            histories.append(history.write(state.time, alignment) if self._history else ())
        attention = concat(attentions, 1) if len(attentions) > 1 else attentions[0]
        after = AttentionWrapperState(
            cell_state=inner, time=state.time + 1, attention=attention, alignments=self._one_or_all(alignments),
            attention_state=self._one_or_all(states), alignment_history=self._one_or_all(histories))
        return (attention if self._output_attention else output), after


def _width(mechanism: Any, layer: Any, cell: Any) -> int:
    joined = cell.output_size + mechanism.values.shape[-1].value
    return TensorShape(layer.compute_output_shape([None, joined]))[-1].value


def _batch_of(state: Any) -> Any:
    last = nest.flatten(state)[-1]
    known = last.static
    return known[0] if known and known[0] is not None else shape(last)[0]


def _same_batch(batch: Any, mechanism: Any) -> Any:
    """A check when the graph runs, where it is not known now, that a memory has that batch."""
    theirs = getattr(mechanism, "batch_size", None)
    if theirs is None:
        return None
    message = ("Non-matching batch sizes between the memory (encoder output) and the query (decoder output). With beam search, memory, "
               "memory_sequence_length and states are to be tiled by tf.contrib.seq2seq.tile_batch.")
    if isinstance(batch, int) and isinstance(theirs, int):
        if batch != theirs:
            raise ValueError(f"{message} Batch of the query: {batch}, of the memory: {theirs}")
        return None
    return assert_equal(batch, theirs, message=message)
