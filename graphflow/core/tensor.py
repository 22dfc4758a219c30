"""Tensor: the symbolic handle of one output of an operation."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import context, shapes
from .dtypes import DType
from .export import export
from .op import Spec
from .tensor_shape import TensorShape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .graph import Graph
    from .operation import Operation
    from .operator_types import Operators
else:
    Operators = object    # ops.operators hangs them on


@export("Tensor")
class Tensor(Operators):
    """One output of an `Operation`: a name, a dtype and a static (maybe partial) shape; values exist in sessions only.

    `ops.operators` hangs the Python operators and slicing on this class.
    """
    # assign: of a slice of a variable only; _keras_history, _keras_mask: of what a layer of tf.keras gave
    __slots__ = ("__weakref__", "_index", "_keras_history", "_keras_mask", "_op", "_spec", "_user", "assign")
    __array_priority__ = 100

    def __init__(self, op: Operation, index: int, spec: Spec):
        self._op, self._index, self._spec = op, index, spec

    @property
    def op(self) -> Operation:
        """The operation that produces this tensor."""
        return self._op

    @property
    def value_index(self) -> int:
        """Which output of its operation this is."""
        return self._index

    @property
    def name(self) -> str:
        """'operation:index'."""
        return f"{self._op.name}:{self._index}"

    @property
    def graph(self) -> Graph:
        return self._op.graph

    @property
    def dtype(self) -> DType:
        """The dtype of the elements; a reference dtype for outputs of ref-style variables."""
        return self._spec.dtype

    @property
    def device(self) -> str:
        return self._op.device

    @property
    def shape(self) -> TensorShape:
        """The static shape; `tf.shape(t)` gives the one at run time."""
        return TensorShape(self._spec.shape)

    def get_shape(self) -> TensorShape:
        """The static shape, as `shape`."""
        return self.shape

    @property
    def static(self) -> tuple[int | None, ...] | None:
        """The static shape as a plain tuple of int or None; None when even the rank is unknown."""
        return self._spec.shape

    def set_shape(self, shape: Any) -> None:
        """Merges what is known about the shape into the static shape; ValueError when they contradict each other."""
        merged = shapes.merge(self._spec.shape, shapes.as_tuple(shape))
        self._spec = Spec(self._spec.dtype, merged)

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor as an input, in creation order."""
        return self._op.graph._consumers_of(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The value, computed by `session` or the default session."""
        return _session_for("evaluate tensor", "`Tensor.eval()`", self, session).run(self, feed_dict)

    def _as_node_def_input(self) -> str:
        return self._op.name if self._index == 0 else f"{self._op.name}:{self._index}"

    def _as_tf_output(self) -> tuple[Operation, int]:
        return self._op, self._index

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={_paren(self._spec.shape)} dtype={self._spec.dtype.name}>"

    def __str__(self) -> str:
        parts = [f'Tensor("{self.name}"']
        if self._spec.shape is not None:
            parts.append(f"shape={_paren(self._spec.shape)}")
        parts.append(f"dtype={self._spec.dtype.name}")
        if self._op.device:
            parts.append(f"device={self._op.device}")
        return ", ".join(parts) + ")"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __iter__(self) -> Iterator[Tensor]:
        raise TypeError(f"'Tensor' object is not iterable: iterating over `tf.Tensor` {self.name} is not allowed in Graph execution. "
                        "tf.unstack(x) gives a list of its parts, session.run(x) its value; tf.map_fn loops inside of the graph.")

    def __len__(self) -> int:
        raise TypeError(f"len is not well defined for a symbolic Tensor ({self.name}). "
                        "Please call `x.shape` rather than `len(x)` for shape information.")

    def __bool__(self) -> bool:
        raise TypeError("Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` instead of `if t:` "
                        "to test if a tensor is defined, and use TensorFlow ops such as tf.cond to execute subgraphs "
                        f"conditioned on the value of a tensor. (The tensor is {self.name}.)")

    __nonzero__ = __bool__

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array. "
                                  "Its value exists in a session only: session.run(tensor), or tensor.eval().")

    def __float__(self) -> float:
        raise TypeError(f"float() argument must be a number, not a symbolic Tensor ({self.name}); run it in a session first")

    def __int__(self) -> int:
        raise TypeError(f"int() argument must be a number, not a symbolic Tensor ({self.name}); run it in a session first")

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return self


def _paren(shape: tuple[int | None, ...] | None) -> str:
    if shape is None:
        return "<unknown>"
    return "(" + ", ".join("?" if d is None else str(d) for d in shape) + ("," if len(shape) == 1 else "") + ")"


def _session_for(doing: str, how: str, what: Any, session: Any) -> Any:
    """The session given, or the default one; ValueError with TF1's text when there is none or its graph is another."""
    graph = what.graph
    if session is None:
        session = context.default_session()
        if session is None:
            raise ValueError(f"Cannot {doing} using {how}: No default session is registered. Use "
                             "`with sess.as_default()` or pass an explicit session to `eval(session=sess)` / `run(session=sess)`")
        if session.graph is not graph:
            raise ValueError(f"Cannot use the default session to {doing}: the tensor's graph is different from the "
                             "session's graph. Pass an explicit session.")
    elif session.graph is not graph:
        raise ValueError(f"Cannot use the given session to {doing}: the tensor's graph is different from the session's graph.")
    return session


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor or stands for one (variable, sparse tensor, indexed slices)."""
    return isinstance(x, Tensor) or hasattr(x, "_as_graph_element") or getattr(x, "is_tensor_like", False)
