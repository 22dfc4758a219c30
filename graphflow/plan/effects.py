"""Which resources the operations of a run touch, and how: asked once for a run, read by ordering, lowering and locking."""
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..core.effects import READ, WRITE
from ..core.op import Op
from ..core.operation import Operation
from ..core.tensor import Tensor


class Touch(NamedTuple):
    """An access of one operation: the position of the input, the key of the resource behind it (None: there is none), and how."""
    position: int
    key: str | None
    how: int


class Effects:
    """home: reference or handle tensor -> key of its resource; given: of those that come from outside. stands: by key, the operation
    that stands for a resource, as far as known.

    touches: by operation, those that touch anything.
    reads, writes: by key, the operations whose accesses are ordered, in the order of `ops`.
    """

    def __init__(self, ops: Iterable[Operation], home: dict[Tensor, str] | None = None, stands: dict[str, Operation] | None = None):
        self.given = home or {}
        self.stands = dict(stands or {})
        self.home: dict[Tensor, str] = dict(self.given)
        self.touches: dict[Operation, list[Touch]] = {}
        self.reads: dict[str, list[Operation]] = {}
        self.writes: dict[str, list[Operation]] = {}
        for op in ops:
            key = op._op_def.resource_key(op)
            if key is not None:
                self.home[op.outputs[0]] = key
                self.stands[key] = op
            else:
                self._add(op)

    def _add(self, op: Operation) -> None:
        cls = type(op._op_def)
        signature = cls._signature or cls.signature()
        home = self.home
        carried = [home[t] for t in op._inputs if t in home]
        if not (carried or signature.ref_inputs or signature.handle_inputs or cls.accesses is not Op.accesses):
            return
        touches = []
        for position, how in op._op_def.accesses(op):
            key = home.get(op._inputs[position])
            if key is None and how == READ and position not in signature.handle_inputs:
                continue                                    # a reference that was fed: a value like any other
            touches.append(Touch(position, key, how))
            if key is not None and how & WRITE:
                self.writes.setdefault(key, []).append(op)
            elif key is not None and how & READ:
                self.reads.setdefault(key, []).append(op)
        if touches:
            self.touches[op] = touches
        if carried and op._op_def.steers:
            home.update(op._op_def.passed(op, home))  # type: ignore[attr-defined]
            return
        for output in op.outputs if carried else ():        # what passes a reference or a handle on
            if output.dtype.is_ref or output.dtype.name == "resource":
                if op._op_def.chooses and len(set(carried)) > 1 and (output.dtype.is_ref or not any(map(self._is_variable, carried))):
                    continue                                    # which one it is, the run says
                if len(set(carried)) > len(op.outputs) and not output.dtype.is_ref and op._op_def.holds is None:
                    raise NotImplementedError(
                        f"'{op.name}' ({op.type}) puts handles of several resources ({', '.join(sorted(set(carried)))}) into one tensor: "
                        "which of them is used is then known in the run only; choose among them by tf.cond or tf.case instead")
                home[output] = carried[min(output._index, len(carried) - 1)]

    def _is_variable(self, key: str) -> bool:
        return key in self.stands and self.stands[key]._op_def.variable() is not None

    @property
    def locks(self) -> int:
        """READ, WRITE or both: what is done, taken together, to resources that the session's lock guards; 0 for nothing."""
        return (READ if self.reads else 0) | (WRITE if self.writes else 0)
