"""tf.GradientTape."""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..autodiff.gradients import UnconnectedGradients
from ..core import context, nest
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.tensor import Tensor
from ..core.values import IndexedSlices, resource_handle
from ..ops import functions as F
from ..ops.dtype_sets import INEXACT
from .tape import Tape

warn = logging.getLogger("tensorflow").warning


@export("GradientTape")
class GradientTape:
    """Records operations inside of `with GradientTape() as tape:`, for `tape.gradient(y, x)`.

    persistent: gradients may be taken more than once; the records are kept as long as the tape. watch_accessed_variables: trainable
    variables are watched as they are read; otherwise, as for tensors, `watch` says what gradients will be asked for.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self._persistent, self._auto = persistent, watch_accessed_variables
        self._tape: Tape | None = None
        self._recording = False

    def __enter__(self) -> GradientTape:
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._recording:
            self._stop()

    def _start(self) -> None:
        if self._recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._tape is None or not self._persistent:
            self._tape = Tape(self._auto)
        context.recorders.append(self._tape)
        self._recording = True

    def _stop(self) -> None:
        if not self._recording:
            raise ValueError("Tape is not recording.")
        context.recorders.remove(self._tape)
        self._recording = False

    def watch(self, tensor: Any) -> None:
        """Gradients by a tensor, or those in a structure, will be asked for; trainable variables are watched anyway.

        RuntimeError outside of `with`.
        """
        if self._tape is None:
            raise RuntimeError("watch is called on a tape that was not entered: call it inside of `with tf.GradientTape() as tape:`")
        for one in nest.flatten(tensor):
            if not isinstance(one, Tensor) and resource_handle(one) is None and not hasattr(one, "_as_graph_element"):
                raise ValueError(f"Passed in object {one!r} of type {type(one).__name__!r}, not tf.Tensor or tf.Variable or ExtensionType.")
            if one.dtype.base_dtype not in INEXACT:
                warn("The dtype of the watched tensor must be floating (e.g. tf.float32), got %r", one.dtype.base_dtype)
            handle = resource_handle(one)
            if handle is not None:
                self._tape.variables[id(handle)] = one
            self._tape.watch(handle if handle is not None else one if isinstance(one, Tensor) else convert_to_tensor(one))

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Nothing inside of this `with` is recorded. RuntimeError (ValueError) where the tape is not recording."""
        if self._tape is None:
            raise RuntimeError("Attempting to stop recording on a non-active tape: use it inside of `with tf.GradientTape() as tape:`")
        self._stop()
        try:
            yield
        finally:
            context.recorders.append(self._tape)
            self._recording = True

    def reset(self) -> None:
        """Forgets everything, as if the tape were entered just now."""
        if self._recording:
            context.recorders.remove(self._tape)
        self._tape = Tape(self._auto)
        if self._recording:
            context.recorders.append(self._tape)

    def watched_variables(self) -> tuple[Any, ...]:
        """The variables that are watched, in the order in which they were read first."""
        return () if self._tape is None else tuple(self._tape.variables.values())

    def gradient(self, target: Any, sources: Any, output_gradients: Any = None,
                 unconnected_gradients: Any = UnconnectedGradients.NONE) -> Any:
        """The sum over the targets of d target / d source, in the structure of `sources`.

        target: a tensor or a structure of them. sources: tensors that were watched, or variables. output_gradients: what to begin with
        in place of ones, for each target. unconnected_gradients: None or zeros for sources that the targets do not depend on.
        RuntimeError for a second call, unless the tape is persistent.
        """
        unconnected = UnconnectedGradients(unconnected_gradients)
        tape = self._taken()
        if self._recording:
            if not self._persistent:
                self._stop()
            else:
                warn("Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient than calling "
                     "it outside the context (it causes the gradient ops to be recorded on the tape, leading to increased CPU and memory "
                     "usage). Only call GradientTape.gradient inside the context if you actually want to trace the gradient in order to "
                     "compute higher order derivatives.")
        if target is None:
            raise TypeError("Argument `target` should be a list or nested structure of Tensors, Variables or CompositeTensors to be "
                            "differentiated, but received None.")
        targets, starts = _targets(target, output_gradients)
        flat = [_source(s) for s in nest.flatten(sources)]
        found = tape.backward(targets, flat, starts)
        if unconnected is UnconnectedGradients.ZERO:
            found = [F.zeros_like(s) if g is None else g for g, s in zip(found, nest.flatten(sources))]
        if not self._persistent:
            self._tape = None
        return nest.pack_sequence_as(sources, found) if nest.is_nested(sources) else found[0]

    def jacobian(self, target: Any, sources: Any, unconnected_gradients: Any = UnconnectedGradients.NONE,
                 parallel_iterations: Any = None, experimental_use_pfor: bool = True) -> Any:
        """d target[i...] / d source[j...], of shape target.shape + source.shape, in the structure of `sources`."""
        return self._jacobian(target, sources, UnconnectedGradients(unconnected_gradients), None)

    def batch_jacobian(self, target: Any, source: Any, unconnected_gradients: Any = UnconnectedGradients.NONE,
                       parallel_iterations: Any = None, experimental_use_pfor: bool = True) -> Any:
        """d target[b, i...] / d source[b, j...], of shape [b, i..., j...], where no row depends on another row of the source."""
        target_shape, source_shape = target.shape, source.shape
        if not target_shape.ndims or not source_shape.ndims or not target_shape[:1].is_compatible_with(source_shape[:1]):
            raise ValueError(f"Need first dimension of target shape ({target_shape}) and source shape ({source_shape}) to match.")
        return self._jacobian(target, source, UnconnectedGradients(unconnected_gradients), int(target_shape[0]))

    def _jacobian(self, target: Any, sources: Any, unconnected: UnconnectedGradients, batch: int | None) -> Any:
        tape = self._taken()
        if self._recording and not self._persistent:
            self._stop()
        target = convert_to_tensor(target)
        shape = target.static
        if shape is None or None in shape:
            raise NotImplementedError(f"a Jacobian of a target whose shape {shape} is not known: give its tensors a shape by set_shape")
        count = 1
        for size in shape if batch is None else shape[1:]:
            count *= size
        flat = [_source(s) for s in nest.flatten(sources)]
        rows: list[list[Any]] = []
        for i in range(count):
            one = F.one_hot(i, count, dtype=target.dtype.base_dtype)
            start = F.reshape(one, shape) if batch is None else F.reshape(F.tile(F.reshape(one, [1, -1]), [batch, 1]), shape)
            rows.append(tape.backward([target], flat, [start]))
        found: list[Any] = []
        for j, source in enumerate(nest.flatten(sources)):
            own = [row[j] for row in rows]
            static = tuple(source.static)
            if all(g is None for g in own):
                zero = unconnected is UnconnectedGradients.ZERO
                found.append(F.zeros((*shape, *(static if batch is None else static[1:])), source.dtype.base_dtype) if zero else None)
                continue
            parts = [F.zeros_like(source) if g is None else convert_to_tensor(g) for g in own]
            if batch is None:
                found.append(F.reshape(F.stack(parts), (*shape, *static)))
            else:
                found.append(F.reshape(F.stack(parts, axis=1), (*shape, *static[1:])))
        if not self._persistent:
            self._tape = None
        return nest.pack_sequence_as(sources, found) if nest.is_nested(sources) else found[0]

    def _taken(self) -> Tape:
        if self._tape is None:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        return self._tape


def _source(source: Any) -> Any:
    handle = resource_handle(source)
    if handle is not None:
        return handle
    if isinstance(source, IndexedSlices) or not (isinstance(source, Tensor) or hasattr(source, "_as_graph_element")):
        raise ValueError(f"`sources` are tensors and variables, not {source!r} of type {type(source).__name__}")
    return source if isinstance(source, Tensor) else convert_to_tensor(source)


def _targets(target: Any, output_gradients: Any) -> tuple[list[Any], list[Any]]:
    """The targets as tensors, and what to begin with at each; those that are no floating numbers have no gradient."""
    flat = nest.flatten(target)
    starts = [None] * len(flat) if output_gradients is None else nest.flatten(output_gradients)
    if len(starts) != len(flat):
        raise ValueError(f"{len(flat)} targets, but {len(starts)} output_gradients")
    kept, begun = [], []
    for one, start in zip(flat, starts):
        if resource_handle(one) is not None:
            kept.append(one.handle)
            begun.append(F.ones_like(one) if start is None else start)
            continue
        one = convert_to_tensor(one)
        if one.dtype.base_dtype not in INEXACT:
            warn("The dtype of the target tensor must be floating (e.g. tf.float32) when calling GradientTape.gradient, got %r",
                 one.dtype.base_dtype)
            continue
        kept.append(one)
        begun.append(start)
    return kept, begun
