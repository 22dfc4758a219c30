"""K.rnn: a step function along time, in a loop of the graph or unrolled."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


@export("keras.backend.rnn")
def rnn(step_function: Any, inputs: Any, initial_states: Any, go_backwards: bool = False, mask: Any = None, constants: Any = None,
        unroll: bool = False, input_length: Any = None, time_major: bool = False, zero_output_for_mask: bool = False) -> Any:
    """(last output, outputs, states) of step_function(inputs of a step, states + constants) -> (output, states) along time.

    inputs: [batch, time, ...]. mask: bool [batch, time]; where it is False the states stay, and the output is the one before (zeros with
    zero_output_for_mask). The loop is a tf.while_loop; unroll: a copy of the step for each time step, whose number must be known.
    """
    if not time_major:
        inputs = tf.nest.map_structure(_time_first, inputs)
    flat = tf.nest.flatten(inputs)
    length = flat[0].static[0]
    steps = tf.shape(flat[0])[0] if length is None else length
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        if len(mask.static) == 2:
            mask = tf.expand_dims(mask, -1)
        if not time_major:
            mask = _time_first(mask)
        if go_backwards:
            mask = tf.reverse(mask, [0])
    constants = list(constants or [])
    if go_backwards:
        inputs = tf.nest.map_structure(lambda x: tf.reverse(x, [0]), inputs)
        flat = tf.nest.flatten(inputs)
    states = tuple(initial_states)
    if unroll:
        if length is None:
            raise ValueError("Unrolling requires a fixed number of timesteps.")
        outputs, states = _unrolled(step_function, inputs, flat, states, constants, mask, length, zero_output_for_mask)
        last = outputs[length - 1]
    else:
        outputs, states = _looped(step_function, inputs, flat, states, constants, mask, steps, zero_output_for_mask)
        last = outputs[-1]
    outputs.set_shape([length if length is not None else None, flat[0].static[1], *(outputs.static[2:] if outputs.static else [])])
    if not time_major:
        outputs = _time_first(outputs)
    last.set_shape([outputs.static[0], *outputs.static[2:]])
    return last, outputs, list(states)


def _time_first(x: Any) -> Any:
    return tf.transpose(x, [1, 0, *range(2, len(x.static))])


def _like(mask: Any, x: Any) -> Any:
    """A mask [batch, 1] in the shape of x."""
    for _ in range(len(x.static) - len(mask.static)):
        mask = tf.expand_dims(mask, -1)
    return tf.logical_and(mask, tf.ones_like(x, dtype=tf.bool))


def _chosen(mask: Any, new: Any, old: Any) -> Any:
    return tf.where(_like(mask, new), new, old)


def _unrolled(step: Any, inputs: Any, flat: list[Any], states: Any, constants: list[Any], mask: Any, length: int,
              zero_output: bool) -> tuple[Any, Any]:
    found: list[Any] = []
    for i in range(length):
        output, new = step(tf.nest.pack_sequence_as(inputs, [x[i] for x in flat]), tuple(states) + tuple(constants))
        if mask is not None:
            before = tf.zeros_like(output) if not found or zero_output else found[-1]
            output = _chosen(mask[i], output, before)
            new = [_chosen(mask[i], a, b) for a, b in zip(new, states)]
        states = tuple(new)
        found.append(output)
    return tf.stack(found), states


def _looped(step: Any, inputs: Any, flat: list[Any], states: Any, constants: list[Any], mask: Any, steps: Any,
            zero_output: bool) -> tuple[Any, Any]:
    sample, _ = step(tf.nest.pack_sequence_as(inputs, [x[0] for x in flat]), tuple(states) + tuple(constants))
    arrays = [tf.TensorArray(x.dtype.base_dtype, steps).unstack(x) for x in flat]
    masks = None if mask is None else tf.TensorArray(tf.bool, steps).unstack(mask)
    outputs = tf.TensorArray(sample.dtype.base_dtype, steps)

    def body(time: Any, outputs: Any, before: Any, *states: Any) -> Any:
        output, new = step(tf.nest.pack_sequence_as(inputs, [a.read(time) for a in arrays]), tuple(states) + tuple(constants))
        if masks is not None:
            kept = masks.read(time)
            output = _chosen(kept, output, tf.zeros_like(output) if zero_output else before)
            new = [_chosen(kept, a, b) for a, b in zip(new, states)]
        for a, b in zip(new, states):
            a.set_shape(b.static)
        return (time + 1, outputs.write(time, output), output if masks is not None else before, *new)

    start = tf.zeros_like(sample)
    result = tf.while_loop(lambda time, *rest: time < steps, body, (tf.constant(0), outputs, start, *states))
    return result[1].stack(), result[3:]
