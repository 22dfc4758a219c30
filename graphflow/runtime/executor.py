"""One cached signature of a session: fetches and fed tensors resolved, with a compiled variant per tuple of fed shapes."""
from __future__ import annotations

import contextlib
import functools
from collections import OrderedDict
from operator import attrgetter
from typing import Any

import numpy as np

from ..core.errors import ResourceExhaustedError
from ..core.late import Late
from ..core.tensor import Tensor
from ..kernels.interrupts import deliver, open_to_signals, postponed, watch, whole
from ..plan.build import Ordered
from ..plan.complaints import USER_ERRORS, failure
from ..plan.expected import WORTH, Observed, Shapes, Unexpected
from ..plan.pipeline import make_plan, stages
from .denormals import flushed
from .engines.fallback import compile_plan
from .store import Binding, Store

_late = Late(heap="graphflow.kernels.heap")      # at first use: saves 1 ms; plans with shapes that only a run tells
_VARIANTS = 32
# So many plans are made for fed shapes as they come; from then on a new tuple of shapes runs by one plan that knows none of them (it is
# slower by a small factor, where a plan takes as long as tens of steps), until it has come so often that a plan of its own pays.
_AT_ONCE = 6
_OFTEN = 16
_MISSES = 4          # runs whose shapes were not those that a plan expected (plan.expected), until it is given up
_shape = attrgetter("shape")


class Variant:
    """A compiled plan with its spare instances (each has buffers of its own).

    observed: what its runs note of shapes that only they know, None where there are none. compared: whether that is done. better: the
    variant that expects these shapes. missed: how often that met others.
    """
    __slots__ = ("better", "binding", "compared", "flush", "generation", "missed", "observed", "pending", "program", "spare", "touches",
                 "writes")

    def __init__(self, program: Any, binding: Binding, plan: Any, generation: int, locks: int):
        self.program, self.binding, self.generation = program, binding, generation
        found = binding.observed
        self.observed = found if found is not None and found.calls >= WORTH else None
        if found is not None and self.observed is None:
            found.left = 0              # too few calls: nothing is noted
        self.compared = self.observed is None
        self.better: Variant | None = None
        self.missed = 0
        self.spare: list[Any] = []
        self.writes = bool(plan.effects)
        self.touches = bool(locks or binding.bound)      # a fetched variable is read by no operation
        self.pending = [key for key, value in plan.effects if value.shape is not None]     # the others are bound anew, or not
        self.flush = program.large


class Executor:
    """Runs one (fetches, fed tensors) signature."""

    def __init__(self, session: Any, fetches: list[Tensor], fed: list[Tensor], ops: Ordered, store: Store):
        self.session, self.fetches, self.fed, self.ops, self.store = session, fetches, fed, ops, store
        self.members = set(ops)
        self.variants: OrderedDict[Any, Variant] = OrderedDict()     # by fed shapes, the one used last at the end
        self.newest: Variant | None = None
        self.unknown = (None,) * len(fed)
        self.seen: dict[Any, int] = {}                               # how often shapes came that have no plan of their own
        self.recorder: Any = None

    @whole
    def run(self, values: list[np.ndarray], shapes: Any = None) -> tuple[Any, ...]:
        """The fetched tensors' values, for arrays in the order of `fed`. shapes: what the plan may know of theirs; all when None."""
        watch()
        store = self.store
        if shapes is None:
            shapes = tuple(map(_shape, values))
            if shapes not in self.variants and len(self.variants) >= _AT_ONCE and store.engine.spread is None:
                shapes = self._rare(shapes)
        plain = False
        try:
            while True:
                variant = self.variants.get(shapes)
                if variant is None or (variant.generation != store.generation and not self._revive(variant)):
                    variant = self._compile(shapes)
                elif variant is not self.newest:
                    self._used(shapes, variant)
                if not variant.compared:
                    self._compare(shapes, variant)
                if variant.better is not None and not plain:
                    variant = variant.better
                try:
                    step = variant.spare.pop()
                except IndexError:
                    step = variant.program.instance()
                lock = store.lock if variant.touches else None
                if lock:
                    lock.acquire(variant.writes)
                try:
                    if variant.generation != store.generation and not self._revive(variant):
                        self._forget(shapes, variant)
                        continue              # a variable got another array while this thread waited for the lock
                    if variant.flush:
                        with flushed():
                            result = step(*values)
                    else:
                        result = step(*values)
                    if variant.pending:
                        for key in variant.pending:
                            store.has_value(key)
                        variant.pending = []
                except Unexpected:          # before it had any effect
                    plain = True
                    variant.spare.append(step)
                    self._begin_again(shapes, variant)
                    continue
                finally:
                    if lock:
                        lock.release()
                variant.spare.append(step)
                if plain:
                    self._missed(shapes, variant)
                if postponed:
                    deliver()
                return result
        except MemoryError as error:
            names = ", ".join(t.name for t in self.fetches[:4])
            raise ResourceExhaustedError(None, None, f"OOM: not enough memory to compute {names}: {error}") from None
        except USER_ERRORS as error:        # of a primitive: the checks of its operation let something through
            node = variant.program.blamed(error) if variant is not None and hasattr(variant.program, "blamed") else None
            if node is None or node.source is None:
                raise
            raise failure(node.source, error, node.args if len(node.args) == len(node.source.inputs) else ()) from error

    def _rare(self, shapes: Any) -> Any:
        """The shapes that the plan for a new tuple of them knows: all where it came often, else none."""
        count = self.seen[shapes] = self.seen.pop(shapes, 0) + 1
        if count > _OFTEN:
            del self.seen[shapes]
            return shapes
        if len(self.seen) > 64 * _VARIANTS:                          # the ones that came longest ago
            del self.seen[next(iter(self.seen))]
        return self.unknown

    def _used(self, shapes: Any, variant: Variant) -> None:
        """Notes that this variant is the one used last, so that it is the last to be dropped."""
        with contextlib.suppress(KeyError):      # dropped by another thread meanwhile
            self.variants.move_to_end(shapes)
        self.newest = variant

    def _revive(self, variant: Variant) -> bool:
        """Whether a variant is still right although some variable got another array since."""
        if variant.binding.still_valid():
            variant.generation = self.store.generation
            return True
        return False

    def _compare(self, shapes: Any, variant: Variant) -> None:
        """Counts the runs whose shapes are noted; after the last of them, has a variant made that expects what was always the same."""
        observed: Any = variant.observed
        if observed.left:
            observed.left -= 1
            return
        variant.compared = True
        self._expect(shapes, variant)

    def _expect(self, shapes: Any, variant: Variant) -> None:
        steady: Any = None if variant.observed is None or self.recorder is not None else variant.observed.steady()
        variant.better = self._made(shapes, steady) if steady else None

    def _begin_again(self, shapes: Any, better: Variant) -> None:
        """Has the run that follows, by the plan that expects nothing, note which shapes differ."""
        variant = self.variants.get(shapes)
        if variant is not None and variant.better is better and variant.observed is not None:
            variant.missed += 1
            variant.observed.left = 1

    def _missed(self, shapes: Any, variant: Variant) -> None:
        """After such a run. Where there were many, what differed is no longer expected."""
        if variant.observed is None:
            return
        variant.observed.left = 0
        if variant.missed > _MISSES:
            variant.missed = 0
            self._expect(shapes, variant)

    def _forget(self, shapes: Any, better: Variant) -> None:
        variant = self.variants.get(shapes)
        if variant is not None and variant.better is better:
            variant.better = None

    def _compile(self, shapes: Any) -> Variant:
        variant = self._made(shapes)
        self.variants[shapes] = self.newest = variant
        self.variants.move_to_end(shapes)
        while len(self.variants) > _VARIANTS:
            self.variants.popitem(last=False)
        return variant

    @open_to_signals
    def _made(self, shapes: Any, expected: Shapes | None = None) -> Variant:
        with self.store.compiling:
            generation = self.store.generation          # before looking: a variable may get another array meanwhile
            binding = Binding(self.session, self.store, Observed() if expected is None and self.recorder is None else None)
            plan = make_plan(self.ops, self.fetches, list(zip(self.fed, shapes)), binding, expected)
            spread = self.store.engine.spread
            if spread is not None and plan.effects:
                plan = spread.whole(plan, self.fed, shapes, binding, functools.partial(make_plan, self.ops, self.fetches))
            mark = None if self.recorder is None else self.recorder.begin(plan)
            program = compile_plan(self.store.engine, plan, binding, mark)
            for key in plan.reads():
                binding.array(key)
            if binding.observed is not None and binding.observed.calls:
                _late.heap.keep()
            return Variant(program, binding, plan, generation, self.ops.effects.locks)

    def trace(self, recorder: Any) -> None:
        """Has every step of what is compiled from now on reported to a recorder (see runtime.run_metadata)."""
        self.recorder = recorder

    def stages(self, shapes: Any) -> list[tuple[str, Any]]:
        """(name, plan) after lowering, after each pass, and as the engine runs it where that differs, for fed shapes."""
        found = stages(self.ops, self.fetches, list(zip(self.fed, shapes)), Binding(self.session, self.store))
        engine, plan = self.store.engine, found[-1][1]
        laid_out = engine.lay_out(plan)
        return found if laid_out is plan else [*found, (f"{engine.name} engine", laid_out)]
