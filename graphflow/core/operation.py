"""Operation: one node of a graph."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import origin
from .dtypes import DType
from .export import export
from .op import Op
from .tensor import Tensor, _session_for

if TYPE_CHECKING:
    from .graph import Graph


@export("Operation")
class Operation:
    """A node: an op type with attributes (`_op_def`), input tensors, control inputs and output tensors. Made by `core.make`."""
    __slots__ = (
        "__weakref__",
        "_control",
        "_device",
        "_extra",
        "_id",
        "_inputs",
        "_op_def",
        "_origin",
        "_original_op",
        "graph",
        "name",
        "outputs",
    )

    graph: Graph
    name: str
    _op_def: Op
    outputs: list[Tensor]
    _inputs: tuple[Tensor, ...]
    _control: tuple[Operation, ...]
    _device: str
    _extra: dict[str, Any] | None     # attributes outside of the op's definition: _class, _gradient_op_type, ...
    _id: int
    _origin: Any
    _original_op: Operation | None

    @property
    def type(self) -> str:
        """The op type, as in a GraphDef."""
        return type(self._op_def).__name__

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self._inputs

    @property
    def control_inputs(self) -> list[Operation]:
        """The operations that must run before this one although it takes no value from them."""
        return list(self._control)

    @property
    def device(self) -> str:
        """The device string recorded at construction; graphflow keeps it and runs everything on one device."""
        return self._device

    @property
    def line(self) -> origin.Line | None:
        """The line of the user's program that made this operation."""
        return origin.resolve(self._origin)

    @property
    def traceback(self) -> list[tuple[str, int, str, str]]:
        line = self.line
        return [] if line is None else [(line.file, line.number, "", line.text)]

    if TYPE_CHECKING:    # hung on by graphdef.methods
        node_def: Any
        op_def: Any

        def get_attr(self, name: str) -> Any: ...

    def values(self) -> tuple[Tensor, ...]:
        """The outputs."""
        return tuple(self.outputs)

    def _set_attr(self, name: str, value: Any) -> None:
        self._extra = {**(self._extra or {}), name: value}

    def colocation_groups(self) -> list[bytes]:
        """The `_class` attribute (b'loc:@name', ...), by default the operation's own group."""
        own = [f"loc:@{self.name}".encode()]
        if self._extra is None or "_class" not in self._extra:
            return own
        return list(self._extra["_class"]) or own

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs this operation in `session` or the default session."""
        _session_for("execute operation", "`run()`", self, session).run(self, feed_dict)

    def _get_control_flow_context(self) -> None:
        """None, as in TensorFlow's control flow v2, where bodies are graphs."""

    def _add_control_input(self, op: Operation) -> None:
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops: list[Operation]) -> None:
        """Adds control inputs afterwards; plans that hold this operation are dropped."""
        for op in ops:
            if op.graph is not self.graph:
                raise ValueError(f"{op.name} and {self.name} are of different graphs")
        self._control += tuple(op for op in ops if op not in self._control)
        self.graph._mutated(self)

    def _update_input(self, index: int, tensor: Tensor) -> None:
        """Replaces one input; plans that hold this operation are dropped."""
        if tensor.graph is not self.graph:
            raise ValueError(f"{tensor.name} and {self.name} are of different graphs")
        self._inputs = (*self._inputs[:index], tensor, *self._inputs[index + 1:])
        self.graph.turns |= self._op_def.steers == "merge"
        self.graph._mutated(self)

    def _set_device(self, device: Any) -> None:
        self._device = str(device or "")

    @property
    def _output_types(self) -> list[int]:
        return [t.dtype.as_datatype_enum for t in self.outputs]

    @property
    def _input_types(self) -> list[DType]:
        return [t.dtype.base_dtype for t in self._inputs]

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        return str(self.node_def)

    def __copy__(self) -> Operation:
        return self

    def __deepcopy__(self, memo: Any) -> Operation:
        return self
