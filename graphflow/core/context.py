"""What making an op means right now: the default graph, the default session, per thread.

Where eager execution is on, the process-wide default graph is one that runs operations as they are made (`eager.graph`): `make` asks
this module, and no other module decides.
"""
import threading
from typing import TYPE_CHECKING, Any

from ..kernels.interrupts import whole

if TYPE_CHECKING:
    from .graph import Graph


class _Stacks(threading.local):
    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []


stacks = _Stacks()
_default: list["Graph"] = []
new_graph: Any = None    # the class Graph, put here by core.graph
eager_graph: Any = None  # what runs operations at once, and the class of its tensors, both put here when eager execution is enabled
EagerTensor: Any = None
recorders: list[Any] = []    # the tapes that record, the innermost last; each says for which thread


class Behavior:
    """What differs between TensorFlow 1 and 2 in what tensors do. equality: (x, y, "equal" or "not_equal") -> a tensor."""
    tensor_equality = False
    shows_ids = True
    equality: Any = None


behavior = Behavior()


def default_graph() -> "Graph":
    """The innermost graph entered by `Graph.as_default` in this thread, else the process-wide default graph."""
    graphs = stacks.graphs
    if graphs:
        return graphs[-1]
    if not _default:
        _default.append(new_graph())
    return _default[0]


def reset_default_graph() -> None:
    """Replaces the process-wide default graph by an empty one.

    Raises AssertionError inside `with graph.as_default():`, as the nested default graph would be lost.
    """
    if stacks.graphs:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, "
                             "exit the nesting and create a new graph.")
    _default.clear()


def default_session() -> Any:
    """The innermost session entered in this thread, or None."""
    sessions = stacks.sessions
    return sessions[-1] if sessions else None


class entered:
    """Context manager: `item` is on top of `stack` inside; checks that nesting is proper on the way out."""

    def __init__(self, stack: list[Any], item: Any, enforce_nesting: bool = True):
        self.stack, self.item, self.enforce_nesting = stack, item, enforce_nesting

    @whole
    def __enter__(self) -> Any:
        self.stack.append(self.item)
        return self.item

    @whole
    def __exit__(self, *exception: object) -> None:
        if self.stack and self.stack[-1] is self.item:
            self.stack.pop()
        elif self.enforce_nesting:
            raise AssertionError(f"Nesting violated for default stack of {type(self.item)} objects")
        elif self.item in self.stack:
            self.stack.remove(self.item)
