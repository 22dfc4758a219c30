"""Connectionist temporal classification (Graves et al., 2006): the ops. The numerics are in `kernels/ctc.py`."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import shapes
from ...core.dtypes import DType, float32, float64, int64
from ...core.errors import FailedPreconditionError
from ...core.op import Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...kernels.contract import Namespace
from ...kernels.ctc import ctc, label_lists
from ...kernels.ctc_decoding import beams, best_path
from ..array.axes import expand_dims
from ..array.passing import prevent_gradient

_TYPES = one_of(float32, float64, default=float32)


def _frames(x: Spec, lengths: Spec) -> tuple[Any, Any, Any]:
    """(time, batch, classes) as far as known."""
    require(x.shape is None or len(x.shape) == 3, f"Shape must be rank 3 but is rank {len(x.shape or ())}")
    require(lengths.shape is None or len(lengths.shape) == 1, f"Shape must be rank 1 but is rank {len(lengths.shape or ())}")
    time, batch, classes = x.shape or (None, None, None)
    if lengths.shape is not None:
        require(batch is None or lengths.shape[0] in (None, batch), f"Dimensions must be equal, but are {batch} and {lengths.shape[0]}")
        batch = lengths.shape[0] if batch is None else batch
    return time, batch, classes


class _Loss(Several):
    """Base: the loss of each sequence, and its gradient by the inputs."""
    host = True         # paths are counted in real arrays
    preprocess_collapse_repeated: bool = False
    ctc_merge_repeated: bool = True
    ignore_longer_outputs_than_inputs: bool = False
    first = False       # whether the blank is the first class, not the last

    def infer(self, inputs: Spec, indices: Spec, values: Spec, lengths: Spec) -> Any:
        size = _frames(inputs, lengths)
        require(indices.shape is None or len(indices.shape) == 2, f"Shape must be rank 2 but is rank {len(indices.shape or ())}")
        require(values.shape is None or len(values.shape) == 1, f"Shape must be rank 1 but is rank {len(values.shape or ())}")
        if indices.shape and values.shape:
            require(shapes.compatible(indices.shape[:1], values.shape),
                    f"Dimensions must be equal, but are {indices.shape[0]} and {values.shape[0]}")
        return Spec(inputs.dtype, size[1:2]), Spec(inputs.dtype, size)

    def kernel(self, xp: Namespace, x: Any, indices: Any, values: Any, lengths: Any) -> Any:
        x, lengths = np.asarray(x), np.asarray(lengths)
        time, batch, classes = x.shape
        if not batch:
            raise ValueError("batch_size must not be 0")
        for number, length in enumerate(lengths.tolist()):
            if length > time:
                raise ValueError(f"sequence_length({number}) <= {time}, but it is {length}")
            if length < 0:
                raise ValueError(f"seq_len({number}) < 0: it is {length}")
        blank = 0 if self.first else classes - 1
        labels = label_lists(np.asarray(indices), np.asarray(values), batch, classes, blank)
        required = np.bincount(np.asarray(indices)[:, 0], minlength=batch)
        left_out = required > lengths
        if left_out.any() and not self.ignore_longer_outputs_than_inputs:
            number = int(np.argmax(left_out))
            raise ValueError(f"Not enough time for target transition sequence (required: {required[number]}, available: "
                             f"{lengths[number]}) in batch {number}. You can turn this error into a warning by using the flag "
                             "ignore_longer_outputs_than_inputs: then the sequence has no loss")
        if self.preprocess_collapse_repeated:
            labels = [_without_repeats(one) for one in labels]
        return ctc(x, labels, np.where(left_out, 0, lengths), blank, self.ctc_merge_repeated)

    def grad(self, op: Operation, dy: Any, dgradient: Any = None) -> Any:
        once = prevent_gradient(op.outputs[1], message="Currently there is no way to take the second derivative of ctc_loss")
        return expand_dims(dy, -1) * once, None, None, None      # [batch, 1] on [time, batch, classes]


class CTCLoss(_Loss, sig="inputs: T, labels_indices: int64, labels_values: int32, sequence_length: int32 -> loss: T, gradient: T"):
    """The blank is the last class."""
    T: DType = _TYPES


class CTCLossV2(_Loss, sig="inputs: float32, labels_indices: int64, labels_values: int32, sequence_length: int32 -> "
                           "loss: float32, gradient: float32"):
    """The blank is the first class."""
    first = True


class CTCGreedyDecoder(Several, sig="inputs: T, sequence_length: int32 -> "
                                    "decoded_indices: int64, decoded_values: int64, decoded_shape: int64, log_probability: T"):
    """Each frame's greatest class, less blanks and repeats: a sparse tensor, and the negative sum of those logits."""
    host = True         # lengths are values
    differentiable = False
    merge_repeated: bool = False
    blank_index: int = -1
    T: DType = _TYPES

    def infer(self, inputs: Spec, lengths: Spec) -> Any:
        return *_sparse_specs(), Spec(self.T, (_frames(inputs, lengths)[1], 1))

    def kernel(self, xp: Namespace, x: Any, lengths: Any) -> Any:
        x, counts = _checked(x, lengths)
        classes = x.shape[2]
        if not -classes <= self.blank_index < classes:
            raise ValueError(f"blank_index expected to be between {-classes} and {classes - 1} but was {self.blank_index}")
        found = [best_path(x[:, i], count, self.blank_index % classes, self.merge_repeated) for i, count in enumerate(counts)]
        return *_sparse([labels for labels, _ in found]), np.array([[score] for _, score in found], x.dtype)


class CTCBeamSearchDecoder(Several, sig="inputs: T, sequence_length: int32 -> decoded_indices: int64*top_paths, "
                                        "decoded_values: int64*top_paths, decoded_shape: int64*top_paths, log_probability: T"):
    """The likeliest label sequences, each a sparse tensor over the batch, and their log probabilities."""
    host = True         # lengths are values
    differentiable = False
    least = {"beam_width": 1, "top_paths": 1}
    beam_width: int
    top_paths: int
    merge_repeated: bool = True
    T: DType = _TYPES

    def infer(self, inputs: Spec, lengths: Spec) -> Any:
        batch = _frames(inputs, lengths)[1]
        parts = [[spec] * self.top_paths for spec in _sparse_specs()]
        return *[spec for part in parts for spec in part], Spec(self.T, (batch, self.top_paths))

    def kernel(self, xp: Namespace, x: Any, lengths: Any) -> Any:
        x, counts = _checked(x, lengths)
        if self.top_paths > self.beam_width:
            raise ValueError(f"requested more paths than the beam width. top_paths is {self.top_paths}, beam_width {self.beam_width}")
        found = [beams(x[:, i], count, self.beam_width)[:self.top_paths] for i, count in enumerate(counts)]
        for number, paths in enumerate(found):
            if len(paths) < self.top_paths:
                raise ValueError(f"Less leaves in the beam search than requested. Sequence {number} has {len(paths)} of {self.top_paths}")
        merged = [[_without_repeats(prefix) if self.merge_repeated else prefix for prefix, _ in paths] for paths in found]
        parts = zip(*(_sparse([paths[i] for paths in merged]) for i in range(self.top_paths)), strict=True)
        return *[value for part in parts for value in part], np.array([[score for _, score in paths] for paths in found], x.dtype)


def _without_repeats(labels: Sequence[int]) -> list[int]:
    return [label for i, label in enumerate(labels) if not i or label != labels[i - 1]]


def _sparse_specs() -> tuple[Spec, Spec, Spec]:
    return Spec(int64, (None, 2)), Spec(int64, (None,)), Spec(int64, (2,))


def _checked(x: Any, lengths: Any) -> tuple[Any, list[int]]:
    x, counts = np.asarray(x), np.asarray(lengths).tolist()
    if not x.size:
        raise ValueError("inputs must not be empty")
    for number, count in enumerate(counts):
        if count > len(x):
            raise FailedPreconditionError(None, None, f"sequence_length({number}) <= {len(x)}, but it is {count}")
    return x, counts


def _sparse(rows: Any) -> tuple[Any, Any, Any]:
    """Rows of labels as (indices, values, dense shape)."""
    places = [(number, i) for number, row in enumerate(rows) for i in range(len(row))]
    values = [label for row in rows for label in row]
    size = [len(rows), max(map(len, rows), default=0)]
    return np.array(places, np.int64).reshape(-1, 2), np.array(values, np.int64), np.array(size, np.int64)
