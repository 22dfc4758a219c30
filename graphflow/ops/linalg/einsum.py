"""Einstein summation."""
from __future__ import annotations

import re
import string
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from ..elementwise import broadcasting
from ..elementwise.complex import conj
from ..reduce import reduction
from ..reduce.reduction_grad import reduced_shape


def _text(equation: Any) -> str:
    return equation.decode() if isinstance(equation, bytes) else equation


def _spelled(labels: str, rank: int, spare: str) -> str:
    """The labels with the ellipsis written out in spare letters, right-aligned."""
    if "..." not in labels:
        return labels
    count = rank - len(labels) + 3
    require(count >= 0, f"Einsum labels {labels} need more axes than {rank}")
    return labels.replace("...", spare[len(spare) - count:] if count else "")


class Einsum(Op, sig="inputs: T* -> output: T"):
    """Sum of products by an explicit equation such as 'ij,jk->ik', of one or two inputs."""
    least = {"N": 1}
    equation: str
    N: int
    T: DType

    def infer(self, *inputs: Spec) -> Spec:
        left, _, right = _text(self.equation).partition("->")
        if any(s.shape is None for s in inputs):
            return Spec(self.T, None)
        spare = "".join(c for c in string.ascii_uppercase + string.ascii_lowercase if c not in self.equation)[:12]
        sizes: dict[str, Any] = {}
        parts = left.split(",")
        require(len(parts) == len(inputs), f"Expected {len(parts)} inputs for '{_text(self.equation)}', got {len(inputs)}")
        longest = ""
        for labels, spec in zip(parts, inputs):
            rank = len(spec.shape or ())
            spelled = _spelled(labels, rank, spare)
            require(len(spelled) == rank, f"Expected input of rank {len(spelled)} for subscript '{labels}', got rank {rank}")
            if "..." in labels:
                count = rank - len(labels) + 3
                longest = max(longest, spare[len(spare) - count:] if count else "", key=len)
            for label, size in zip(spelled, spec.shape or ()):
                old = sizes.get(label)
                if label in spare:
                    sizes[label] = size if old is None and label not in sizes else shapes.broadcast((old,), (size,))[0]  # type: ignore[index]
                else:
                    require(old is None or size is None or old == size, f"Expected dimension {old} at axis {label}, got {size}")
                    sizes[label] = size if old is None else old
        require(not longest or "..." in right, f"Shape must be at most rank 0 but is rank {len(longest)} for einsum equation "
                f"'{_text(self.equation)}' without ellipsis (...) in the output subscripts where inputs have axes for it")
        return Spec(self.T, tuple(sizes[label] for label in right.replace("...", longest)))

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        quick = self.as_matmul(xp, *inputs)
        if quick is not None:
            return quick
        parts, right = self._spelled(inputs)
        unique = "".join(dict.fromkeys(right))
        values, labels = [], []
        for part, x in zip(parts, inputs):               # an ellipsis may broadcast: its axes of size 1 are left out
            one = [i for i, (letter, d) in enumerate(zip(part, x.shape)) if d == 1 and letter in right and any(
                y.shape[other.index(letter)] != 1 for other, y in zip(parts, inputs) if letter in other)]
            labels.append("".join(letter for i, letter in enumerate(part) if i not in one))
            values.append(xp.reshape(x, tuple(d for i, d in enumerate(x.shape) if i not in one)))
        result = xp.einsum(f"{','.join(labels)}->{unique}", *values)
        sizes = dict(zip(unique, result.shape))
        for i, letter in enumerate(right):               # a letter again: only the diagonal is filled
            if letter in right[:i]:
                first, shape = right.index(letter), [1] * (i + 1)
                shape[first] = shape[i] = sizes[letter]
                result = xp.expand_dims(result, i)
                result = xp.where(np.eye(sizes[letter], dtype=bool).reshape(shape + [1] * (len(result.shape) - i - 1)), result,
                                  np.zeros((), result.dtype))
        return result

    def _spelled(self, inputs: Any) -> tuple[list[str], str]:
        """The labels of each input and of the result with letters in place of an ellipsis."""
        left, _, right = _text(self.equation).partition("->")
        spare = "".join(c for c in string.ascii_uppercase + string.ascii_lowercase if c not in self.equation)[:12]
        parts = left.split(",")
        count = max((len(x.shape) - len(labels) + 3 for labels, x in zip(parts, inputs) if "..." in labels), default=0)
        spelled = [_spelled(labels, len(x.shape), spare) for labels, x in zip(parts, inputs)]
        return spelled, right.replace("...", spare[len(spare) - count:] if count else "")

    def as_matmul(self, xp: Namespace, *inputs: Any) -> Any:
        """The plain matrix product, without einsum's overhead; None for other equations."""
        if len(inputs) != 2 or any(x.dtype.kind not in "fc" or x.dtype.itemsize == 2 for x in inputs):
            return None
        found = re.fullmatch(r"([a-zA-Z]*)([a-zA-Z])([a-zA-Z]),\1\3([a-zA-Z])->\1\2\4", _text(self.equation))
        labels = _text(self.equation).split("->")[0]
        if found is None or len(set(labels.split(",")[0])) != len(inputs[0].shape) or found[2] == found[4]:
            return None
        if inputs[0].shape[:-2] != inputs[1].shape[:-2]:
            return None
        return xp.matmul(*inputs)

    def grad(self, op: Operation, dy: Any) -> Any:
        left, _, out = _text(self.equation).partition("->")
        if len(op.inputs) == 1:
            x = op.inputs[0]
            shape = shape_of(x)
            summed = _in_order(left, set(left) - set(out + "."))
            if not summed:
                return (_einsum([dy], f"{out}->{left}"),)
            return (_spread(dy, out, left, shape, summed),)
        x_labels, y_labels = left.split(",")
        if "..." in out:
            x_labels = x_labels if "..." in x_labels else x_labels + "..."
            y_labels = y_labels if "..." in y_labels else y_labels + "..."
        x, y = (conj(t) for t in op.inputs) if dy.dtype.is_complex else op.inputs
        x_shape, y_shape = shape_of(x), shape_of(y)
        gx = _toward(dy, y, x_shape, x_labels, y_labels, out)
        gy = _toward(dy, x, y_shape, y_labels, x_labels, out)
        if "..." not in out:
            return gx, gy
        (xs, xe), (ys, ye) = _ellipsis_range(x_labels), _ellipsis_range(y_labels)
        a, b = x.static, y.static
        if a is not None and b is not None and None not in (*a, *b) and a[xs:xe] == b[ys:ye]:
            return gx, gy
        rx, ry = make(broadcasting.BroadcastGradientArgs, x_shape[xs:xe], y_shape[ys:ye])
        gx = F.reshape(reduction.reduce_sum(gx, xs + rx), x_shape)
        return gx, F.reshape(reduction.reduce_sum(gy, ys + ry), y_shape)


shape_of = shape_internal


def _in_order(labels: str, chosen: set[str]) -> str:
    """The chosen labels in the order in which they first occur (TensorFlow's order varies with Python's hash seed)."""
    return "".join(dict.fromkeys(c for c in labels if c in chosen))


def _einsum(inputs: list[Any], equation: str, name: str | None = None) -> Tensor:
    return make(Einsum, inputs, name=name, equation=equation)


def _axis(labels: str, label: str) -> int:
    """Which axis has the label: counted from the front before an ellipsis, from the back behind it."""
    before, _, after = labels.partition("...")
    return before.index(label) if label in before else after.index(label) - len(after)


def _ellipsis_range(labels: str) -> tuple[int, int | None]:
    start = labels.find("...")
    if start == -1:
        return 0, 0
    rest = len(labels) - start - 3
    return start, -rest if rest else None


def _spread(dy: Any, out: str, labels: str, shape: Any, summed: str) -> Tensor:
    """dy with the labels `out` repeated along the summed labels, in the order of `labels`."""
    axes = [_axis(labels, s) for s in summed]
    sizes = F.stack([shape[a] for a in axes])
    repeated = len(set(labels)) + len(set(out)) < len(labels) + len(out)
    if not repeated and "".join(s for s in labels if s not in summed) == out:
        kept = reduced_shape(shape, convert_to_tensor(axes))
        return F.broadcast_to(F.reshape(dy, kept), shape)
    whole = F.concat([sizes, shape_of(dy)], axis=0)
    with_ones = F.concat([F.ones(len(summed), int32), shape_of(dy)], axis=0)
    return _einsum([F.broadcast_to(F.reshape(dy, with_ones), whole)], f"{summed + out}->{labels}")


def _toward(dy: Any, other: Any, shape: Any, labels: str, other_labels: str, out: str) -> Tensor:
    """The gradient of one operand: dy times the other one, repeated along labels that only this one has."""
    summed = _in_order(labels, set(labels) - set(out + other_labels + "."))
    kept = "".join(s for s in labels if s not in summed)
    product = _einsum([dy, other], f"{out},{other_labels}->{kept}")
    return product if not summed else _spread(product, kept, labels, shape, summed)


def _resolved(equation: str, count: int) -> str:
    """The equation with an explicit right side, as TensorFlow writes it; ValueError when it is malformed."""
    text = equation.replace(" ", "").replace("...", "0")
    if not re.fullmatch(r"[a-zA-Z0,]*(->[a-zA-Z0]*)?", text) or "." in text:
        raise ValueError(f"Subscripts have incorrect format: {equation}")
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) != count:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {len(parts)}')
    if not arrow:
        right = "".join(sorted(c for c in set(left) - {","} if left.count(c) == 1 or c == "0"))
    if len(set(right)) != len(right):
        raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}")
    for label in right:
        if label not in left and label != "0":
            raise ValueError(f"Output subscripts contain the label {label} not present in the input subscripts.")
    return f"{left}->{right}".replace("0", "...")


@export("einsum", "linalg.einsum")
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Sums of products over named axes: einsum('ij,jk->ik', a, b) is a matrix product, einsum('ii', a) a trace.

    Any number of inputs; '...' stands for broadcast axes; without '->' the labels that occur once, sorted. name=, optimize= (the
    order of pairs for three inputs and more: numpy's contraction path, 'greedy' by default).
    """
    name, optimize = kwargs.pop("name", None), kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, optimize, greedy.")
    with context.default_graph().name_scope(name or "einsum"):
        tensors = list(inputs)
        resolved = _resolved(equation, len(tensors))
        if len(tensors) <= 2:
            return _einsum(tensors, resolved)
        return _pairwise([convert_to_tensor(t) for t in tensors], resolved, optimize)


def _pairwise(tensors: list[Tensor], equation: str, optimize: str) -> Tensor:
    """Three inputs and more, two at a time in the order of numpy's contraction path; an ellipsis goes along as one label."""
    dots = next(c for c in string.ascii_letters if c not in equation)
    left, _, right = equation.replace("...", dots).partition("->")
    labels = left.split(",")
    sizes = {c: 2 for c in left if c != ","}
    for part, tensor in zip(labels, tensors):
        if tensor.static is None:
            continue
        rank, named = len(tensor.static), len(part.replace(dots, ""))
        if rank < named or (dots not in part and rank > named):
            raise ValueError(f"Number of named labels in {part.replace(dots, '...')!r} of equation {equation} must be equal to the "
                             f"number of dimensions in shape {tensor.shape}")
        if dots not in part:
            sizes.update({c: d for c, d in zip(part, tensor.static) if d is not None and d > 1})
    dummies = [np.broadcast_to(np.float32(0), [sizes[c] for c in part]) for part in labels]
    order = optimize if optimize in ("greedy", "optimal") else "greedy"
    path, _ = np.einsum_path(f"{left}->{right}", *dummies, optimize=order)
    for step in path[1:]:
        chosen = sorted(step, reverse=True)
        operands, parts = [tensors.pop(i) for i in chosen], [labels.pop(i) for i in chosen]
        while len(operands) > 2:  # the last step may take the rest at once
            tensors.append(operands.pop())
            labels.append(parts.pop())
        _contract(tensors, labels, operands, parts, right, dots)
    while len(tensors) > 1:
        _contract(tensors, labels, [tensors.pop(), tensors.pop()], [labels.pop(), labels.pop()], right, dots)
    return tensors[0]


def _contract(tensors: list[Tensor], labels: list[str], operands: list[Tensor], parts: list[str], right: str, dots: str) -> None:
    """Adds the product of some operands, with the labels that the other ones or the result need."""
    kept = right if not labels else _in_order("".join(parts), set("".join(labels)) | set(right))
    tensors.append(_einsum(operands, f"{','.join(parts)}->{kept}".replace(dots, "...")))
    labels.append(kept)
