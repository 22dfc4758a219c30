"""Decoder, what a decoding loop asks for one step after the other, and dynamic_decode, the loop."""
from __future__ import annotations

from typing import Any

from ...core import nest
from ...core.constant import constant
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor_shape import TensorShape
from ...ops.array.basic import fill, shape
from ...ops.array.fill import zeros, zeros_like
from ...ops.array.select import where
from ...ops.control_flow.while_loop import while_loop
from ...ops.data_flow.tensor_array import TensorArray
from ...ops.elementwise.comparison import logical_not, logical_or
from ...ops.reduce.reduction import reduce_all
from ...variables.scope import variable_scope
from ..dynamic import swapped
from ..state import joined, joined_static, kept


@export("contrib.seq2seq.Decoder")
class Decoder:
    """Base of decoders. `finished` is bool [batch]; inputs, states and outputs are tensors [batch, ...], nested or not."""

    @property
    def batch_size(self) -> Any:
        """How many sequences are decoded at once, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} does not define batch_size")

    @property
    def output_size(self) -> Any:
        """The shapes of a step's outputs, without the batch."""
        raise NotImplementedError(f"{type(self).__name__} does not define output_size")

    @property
    def output_dtype(self) -> Any:
        """The dtypes of a step's outputs."""
        raise NotImplementedError(f"{type(self).__name__} does not define output_dtype")

    def initialize(self, name: str | None = None) -> Any:
        """(finished, inputs of the first step, state before it)."""
        raise NotImplementedError(f"{type(self).__name__} does not define initialize")

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(outputs, next state, next inputs, finished) of step number `time`."""
        raise NotImplementedError(f"{type(self).__name__} does not define step")

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """(outputs, state) to return instead of those of the loop, whose outputs are [time, batch, ...]; a decoder need not define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define finalize")

    @property
    def tracks_own_finished(self) -> bool:
        """Whether `finished` may become False again, as where beams are reordered; else what has finished stays so."""
        return False


@export("contrib.seq2seq.dynamic_decode")
def dynamic_decode(decoder: Any, output_time_major: bool = False, impute_finished: bool = False, maximum_iterations: Any = None,
                   parallel_iterations: int = 32, swap_memory: bool = False, scope: Any = None, **kwargs: Any) -> Any:
    """(outputs [batch, time, ...], final state, sequence lengths int32 [batch]) of a decoder run until all sequences have finished.

    output_time_major: outputs are [time, batch, ...]. impute_finished: outputs of finished sequences are zero, and their states stay as
    they were. maximum_iterations: an int or scalar tensor. kwargs go to decoder.initialize. Variables are under `scope`, 'decoder' by
    default.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with variable_scope(scope, "decoder"):
        if maximum_iterations is not None:
            maximum_iterations = convert_to_tensor(maximum_iterations, int32, name="maximum_iterations")
            if maximum_iterations.static != ():
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize(**kwargs)
        sizes, dtypes = decoder.output_size, decoder.output_dtype
        nest.assert_same_structure(sizes, dtypes)
        nothing = _mapped(lambda size, dtype: zeros(joined(decoder.batch_size, _dims(size)), dtype), sizes, dtypes)
        if maximum_iterations is not None:
            finished = logical_or(finished, 0 >= maximum_iterations)
        arrays = _mapped(lambda size, dtype: TensorArray(
            dtype, size=0, dynamic_size=True, element_shape=joined_static(decoder.batch_size, _dims(size))), sizes, dtypes)

        def step(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            outputs, new, following, over = decoder.step(time, inputs, state)
            over = over if decoder.tracks_own_finished else logical_or(over, finished)
            lengths = where(logical_not(finished), fill(shape(lengths), time + 1), lengths)
            for before, after in ((state, new), (arrays, outputs), (inputs, following)):
                nest.assert_same_structure(before, after)
            if impute_finished:
                outputs = nest.map_structure(lambda out, zero: where(finished, zero, out), outputs, nothing)
                new = nest.map_structure(lambda old, own: kept(finished, old, own), state, new)
            arrays = nest.map_structure(lambda array, out: array.write(time, out), arrays, outputs)
            return time + 1, arrays, new, following, over, lengths

        time = constant(0, int32)
        _, arrays, state, _, _, lengths = while_loop(
            lambda time, arrays, state, inputs, finished, lengths: logical_not(reduce_all(finished)), step,
            (time, arrays, state, inputs, finished, zeros_like(finished, int32)),
            parallel_iterations=parallel_iterations, maximum_iterations=maximum_iterations, swap_memory=swap_memory)
        outputs = nest.map_structure(lambda array: array.stack(), arrays)
        if type(decoder).finalize is not Decoder.finalize:
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.map_structure(swapped, outputs)
        return outputs, state, lengths


def _dims(size: Any) -> Any:
    return TensorShape([size] if isinstance(size, int) else size)


def _mapped(function: Any, sizes: Any, dtypes: Any) -> Any:
    """function(size, dtype) in the structure of the dtypes (shapes may look nested)."""
    flat = [function(size, dtype) for size, dtype in zip(nest.flatten(sizes), nest.flatten(dtypes), strict=True)]
    return nest.pack_sequence_as(dtypes, flat) if nest.is_nested(dtypes) else flat[0]
