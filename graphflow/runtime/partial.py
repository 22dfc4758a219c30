"""Session.partial_run: a run in parts. Each part does what its feeds, with those before, make possible, and nothing twice.

A part is an executor of its own, as a segment is (plan.segments): what it takes from earlier parts is fed. A part that came after the same
others before is not planned again. With TF1's control flow nodes, what a Switch leads to runs together with the Merges that end it, and a
loop as a whole, as soon as all is there that it may need.
"""
from __future__ import annotations

import itertools
import threading
from typing import Any

from ..core.constant import Const
from ..core.effects import waits
from ..core.errors import InvalidArgumentError
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..plan.build import order, prune
from ..plan.segments import cut
from ..plan.steps import units_of
from . import feeds
from .executor import Executor
from .fetches import Flat, shown
from .frames import Frames
from .segments import Segments

_numbers = itertools.count(1)


class PartialRun:
    """A run under way: what was fed and done so far, and the values that are there."""

    def __init__(self, session: Any, fetches: Any, feed_list: Any):
        self.session = session
        elements = Flat(session.graph, fetches).elements
        self.feeds = [t for key in feed_list or () for t in feeds.expand(session.graph, key)]
        if not elements:
            raise InvalidArgumentError(None, None, "Must specify at least one target to fetch or execute.")
        self.fetches = [e for e in elements if isinstance(e, Tensor)]
        self.signature = (*elements, None, *self.feeds)
        fed = set(self.feeds)
        pruned = prune([e._op if isinstance(e, Tensor) else e for e in elements if e not in fed], fed)
        if any(op._op_def.steers for op in pruned):
            self.units, effects = units_of(pruned, fed)
        else:
            ordered = order(pruned, fed)
            self.units, effects = [[op] for op in ordered], ordered.effects
        self.ops, self.home, self.stands = [op for unit in self.units for op in unit], effects.home, effects.stands
        self.free = {op for op in self.ops if _is_free(op, fed)}
        self.given: frozenset[Tensor] = frozenset()
        self.done: set[Operation] = set()
        self.values: dict[Tensor, Any] = {}
        self.left_feeds, self.left_fetches = set(self.feeds), set(self.fetches)
        self.history: tuple[Any, ...] = ()
        self.ended = False                      # all was fed and fetched, or something failed
        self.lock = threading.Lock()
        self.handle = f"{','.join(t.name for t in self.feeds)}->{','.join(e.name for e in elements)}//{next(_numbers)}"

    def run(self, fetches: Any, feed_dict: Any) -> Any:
        """The values of some of the fetches, in their structure, with more of the feeds."""
        flat = Flat(self.session.graph, fetches)
        wanted = [e for e in flat.elements if isinstance(e, Tensor)]
        new = self._fed(feed_dict or {})
        for element in flat.elements:
            if not isinstance(element, Tensor):
                raise RuntimeError(f"partial_run() requires empty target_list: {element.name} is an operation, and a part of a run gives "
                                   f"tensors; name and fetch a tensor that is made under tf.control_dependencies([{element.name}])")
            if element not in self.fetches:
                raise InvalidArgumentError(None, None, f"The fetch {element.name} was not specified in partial_run_setup.")
            if element not in self.left_fetches:
                raise InvalidArgumentError(None, None, f"The fetch {element.name} has already been fetched.")
        self.values.update(new)
        self.left_feeds -= set(new)
        self.given |= set(new)
        self._go_on(frozenset(new))
        for tensor in wanted:
            if tensor not in self.values:
                raise InvalidArgumentError(None, None, f"Fetch {tensor.name} can't be computed from the feeds that have been fed so far."
                                                       f"{self._lacks(tensor._op)}")
        self.left_fetches -= set(wanted)
        self.ended = not self.left_feeds and not self.left_fetches
        return flat.rebuild([self.session._handed(t, shown(self.values[t])) for t in wanted])

    def _fed(self, feed_dict: Any) -> dict[Tensor, Any]:
        found: dict[Tensor, Any] = {}
        for key, value in feed_dict.items():
            for tensor, part in zip(feeds.fed_by(self.session.graph, key, value), feeds.parts(key, value)):
                if tensor not in self.feeds:
                    raise InvalidArgumentError(None, None, f"The feed {tensor.name} was not specified in partial_run_setup.")
                if tensor not in self.left_feeds:
                    raise InvalidArgumentError(None, None, f"The feed {tensor.name} has already been fed.")
                found[tensor] = feeds.converter(tensor)(part)
        return found

    def _go_on(self, new: frozenset[Tensor]) -> None:
        """Runs what can be run now."""
        self.history = (*self.history, new)
        parts = self.session._parts
        part = parts.get((self.signature, self.history))
        if part is None:
            part = parts[self.signature, self.history] = self._part()
        executor, members = part
        if executor is not None:
            self.ended = True                   # unless it goes well
            self.values.update(zip(executor.fetches, executor.run([self.values[t] for t in executor.fed])))
            self.ended = False
        self.done |= members

    def _part(self) -> tuple[Executor | Frames | Segments | None, set[Operation]]:
        """The executor of the next part, and the operations that it does."""
        fed, able, members = set(self.feeds), self.done | self.free, list[Operation]()
        left = [unit for unit in self.units if unit[0] not in able]
        while True:
            now = [unit for unit in left if self._is_able(unit, able, fed)]
            if not now:
                break
            left = [unit for unit in left if unit[0] not in able]
            members += [op for unit in now for op in unit]
        mine = set(members)
        taken = dict.fromkeys(t for op in members for t in op._inputs if t in fed or (t._op in self.done and t._op not in self.free))
        later = [t for op in self.ops if op not in able for t in op._inputs]
        given = [t for t in dict.fromkeys([*later, *self.fetches]) if t not in fed and t._op in mine]
        given += [t for t in self.fetches if t not in fed and t._op in self.free]      # of a variable the newest value
        if not members and not given:
            return None, mine
        known, fed_now = fed | set(taken), list(taken)
        wanted = self._wanted(members, given, known)
        home = {t: key for t, key in self.home.items() if t in known}
        if any(op._op_def.steers for op in members):
            fed_now = [t for t in fed_now if t not in home]
            return self.session._frames(given, fed_now, sorted(wanted, key=lambda op: op._id), home, self.stands), mine
        ops = order(wanted, known, home)
        if any(op._op_def.may_wait or (op._op_def.holds is not None and waits(op)) for op in ops):
            return Segments(self.session, given, fed_now, ops, cut(ops, given, fed_now), self.session._store), mine
        return Executor(self.session, given, fed_now, ops, self.session._store), mine

    def _is_able(self, unit: list[Operation], able: set[Operation], fed: set[Tensor]) -> bool:
        """Whether all that operations which run together need is there; then they are able, too."""
        inside = set(unit)
        for op in unit:
            if not all(c in able or c in inside for c in op._control):
                return False
            if not all(t in self.given if t in fed else t._op in able or t._op in inside for t in op._inputs):
                return False
        able |= inside
        return True

    def _wanted(self, members: list[Operation], given: list[Tensor], known: set[Tensor]) -> list[Operation]:
        """The operations of a part, with the free ones that they need."""
        wanted, stack = set(members), [t._op for op in members for t in op._inputs if t not in known] + [t._op for t in given]
        while stack:
            op = stack.pop()
            if op in self.free and op not in wanted:
                wanted.add(op)
                stack.extend(t._op for t in op._inputs)
        return [op for op in self.ops if op in wanted]

    def _lacks(self, target: Operation) -> str:
        """Which feeds an operation still needs."""
        needed, seen, stack = [], {target}, [target]
        while stack:
            op = stack.pop()
            for source in op._inputs:
                if source in self.left_feeds:
                    needed.append(source.name)
                elif source not in self.given and source._op not in seen:
                    seen.add(source._op)
                    stack.append(source._op)
        return f"\n  it needs {', '.join(sorted(set(needed)))}" if needed else ""


def _is_free(op: Operation, fed: set[Tensor]) -> bool:
    """Whether every part may have this operation for itself: it stands for a resource, or is a constant."""
    return op._op_def.resource_key(op) is not None or (op._op_def.__class__ is Const and not op._control and op.outputs[0] not in fed)
