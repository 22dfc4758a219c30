"""Session: runs fetches of a graph with feeds, through plans that are made once per signature and cached."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..core import context
from ..core.effects import waits
from ..core.errors import InvalidArgumentError
from ..core.export import export
from ..core.graph import Graph
from ..core.late import Late
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..kernels.interrupts import whole
from ..plan.build import order, prune
from . import engines, feeds
from .devices import check_target, list_devices
from .executor import Executor
from .fetches import Flat, shown
from .growth import Growth
from .store import Store

if TYPE_CHECKING:
    from .frames import Frames
    from .segments import Segments

_late = Late(cut="graphflow.plan.segments:cut", Segments="graphflow.runtime.segments:Segments",
             Frames="graphflow.runtime.frames:Frames", without_frames="graphflow.plan.turns:without_frames",
             PartialRun="graphflow.runtime.partial:PartialRun",
             function="graphflow.runtime.functions:function", Scope="graphflow.runtime.functions:Scope",
             traced_run="graphflow.runtime.run_metadata:traced_run")  # at first use: saves 9 ms; runs that wait, steer, in parts, traced

# Told of a run whose signature (fetches, fed tensors) a session meets for the first time, before it runs: session, fetches, feed_dict.
observers: list[Callable[[Any, Any, Any], None]] = []


class _Prepared:
    """What a signature needs at run time, in the order of the feed_dict that it was made for."""
    __slots__ = ("convert", "executor", "rebuild", "sparse")

    def __init__(self, executor: Executor | Frames | Segments, rebuild: Callable[[list[Any]], Any] | None, convert: list[Any],
                 sparse: bool):
        self.executor, self.rebuild, self.convert, self.sparse = executor, rebuild, convert, sparse

    def show(self, results: tuple[Any, ...]) -> Any:
        """The fetched values in the user's structure; without one, one tensor's value or that of an operation, None."""
        if self.rebuild is None:
            return shown(results[0]) if results else None
        return self.rebuild([shown(r) for r in results])


class BaseSession:
    """What `Session` and `InteractiveSession` share."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"Argument `graph` must be a tf.Graph, but got \"{type(graph).__name__}\"")
        if target and not isinstance(target, (str, bytes)):
            raise TypeError(f"Argument `target` must be a string, but got \"{type(target).__name__}\"")
        check_target(target)
        self._graph = graph or context.default_graph()
        self._config, self._target = config, target
        self._timeout = config.operation_timeout_in_ms if config is not None else 0     # milliseconds that a run's waits may take
        self._store = Store(engines.of_session(config, target))
        self._closed = False
        self._prepared: dict[Any, _Prepared] = {}
        self._partial: dict[str, Any] = {}      # runs in parts that are under way, by handle; see runtime.partial
        self._parts: dict[Any, Any] = {}        # their parts, planned
        self._functions: dict[Any, Any] = {}    # compiled functions of the library; see runtime.functions
        self._entered: list[Any] = []
        self._growth = Growth(self._graph)
        self._graph._sessions.add(self)

    @property
    def graph(self) -> Graph:
        """The graph that this session runs."""
        return self._graph

    @property
    def graph_def(self) -> Any:
        """The graph as a GraphDef message, with shapes where the configuration says `graph_options.infer_shapes`."""
        return self._graph.as_graph_def(add_shapes=self._config is not None and self._config.graph_options.infer_shapes)

    @property
    def sess_str(self) -> str:
        return str(self._target or "")

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """The values of `fetches`, in their structure.

        fetches: a tensor, operation (value None), name, or any nesting of lists, tuples, named tuples and dicts of those.
        feed_dict: {tensor: value}; values replace what the graph would compute.
        options: `timeout_in_ms` says how long the run may wait (for queues and the like) before it fails with DeadlineExceededError.
        Raises RuntimeError when the session is closed, ValueError/TypeError for fetches and feeds that do not fit, and
        `tf.errors.*` for what goes wrong while running.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if options is not None or run_metadata is not None or self._timeout:
            found = _late.traced_run(self, fetches, feed_dict, options, run_metadata)
            if found is not NotImplemented:
                return found
        try:
            key = (fetches, *feed_dict) if feed_dict else (fetches,)
            prepared = self._prepared.get(key)
        except TypeError:  # a list or dict of fetches
            key = (_frozen(fetches), *feed_dict) if feed_dict else (_frozen(fetches),)
            prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = self._prepare(fetches, feed_dict or {})
            for observe in observers:
                observe(self, fetches, feed_dict)
        if feed_dict:
            if prepared.sparse:
                flat = [part for k, v in feed_dict.items() for part in feeds.parts(k, v)]
                if len(flat) != len(prepared.convert):       # a sparse tensor, with or without its dense shape
                    prepared = self._prepared[key] = self._prepare(fetches, feed_dict)
                values = [convert(v) for convert, v in zip(prepared.convert, flat)]
            else:
                values = [convert(v) for convert, v in zip(prepared.convert, feed_dict.values())]
        else:
            values = []
        return prepared.show(prepared.executor.run(values))

    def _prepare(self, fetches: Any, feed_dict: Any) -> _Prepared:
        if not hasattr(feed_dict, "items"):
            raise TypeError(f"feed_dict must be a dict of {{tensor: value}}, got {type(feed_dict).__name__}")
        with self._store.compiling:
            if not self._graph._ops:
                raise RuntimeError("The Session graph is empty. Add operations to the graph before calling run().")
            self._growth.check()
            flat = Flat(self._graph, fetches)
            fed = [t for key, value in feed_dict.items() for t in feeds.fed_by(self._graph, key, value)]
            executor = self._executor(flat.elements, fed)
            convert = [feeds.converter(t) for t in fed]
            positions, count = [], 0
            for element in flat.elements:
                positions.append(count if isinstance(element, Tensor) else None)
                count += isinstance(element, Tensor)
            kept = {p: e for p, e in zip(positions, flat.elements)
                    if p is not None and isinstance(e, Tensor) and e._op._op_def.fetched is not None}
            if isinstance(fetches, Operation) or (isinstance(fetches, Tensor) and count == 1 and not kept):
                return _Prepared(executor, None, convert, not all(map(feeds.is_plain, feed_dict)))
            rebuild = flat.rebuild

            def structure(values: list[Any]) -> Any:
                for p, tensor in kept.items():
                    values[p] = self._handed(tensor, values[p])
                return rebuild([None if p is None else values[p] for p in positions])

            return _Prepared(executor, structure, convert, not all(map(feeds.is_plain, feed_dict)))

    def _handed(self, tensor: Tensor, value: Any) -> Any:
        """What a fetch gives for the value of a tensor."""
        fetched = tensor._op._op_def.fetched
        return value if fetched is None else fetched(self, value)

    def _frames(self, fetches: list[Tensor], fed: list[Tensor], ops: list[Operation], home: Any = None, stands: Any = None) -> Frames:
        """What runs operations with TF1's control flow nodes among them. home, stands: of the resources that a body is given."""
        found: Frames = _late.Frames(self, fetches, fed, ops, self._store, home, stands)
        return found

    def _executor(self, elements: list[Tensor | Operation], fed: list[Tensor]) -> Executor | Frames | Segments:
        fetches = [e for e in elements if isinstance(e, Tensor)]
        targets = [e._op if isinstance(e, Tensor) else e for e in elements if not (isinstance(e, Tensor) and e in fed)]
        ops = prune(targets, set(fed))
        if any(op._op_def.steers for op in ops):
            whole = _late.without_frames(ops, fetches, set(fed))
            return self._frames(fetches, fed, ops) if whole is None else Executor(self, fetches, fed, whole, self._store)
        ops = order(ops, set(fed))
        if any(op._op_def.may_wait or (op._op_def.holds is not None and waits(op)) for op in ops):
            return _late.Segments(self, fetches, fed, ops, _late.cut(ops, fetches, fed), self._store)
        return Executor(self, fetches, fed, ops, self._store)

    def _function(self, body: Any, captured: tuple[Any, ...], scope: Any) -> Callable[..., tuple[Any, ...]]:
        """A body of the graph's library as a function of arrays, with what it captures; scope: where its operations keep their state."""
        with self._store.compiling:
            call: Callable[..., tuple[Any, ...]] = _late.function(self, body, captured, scope)
        return call

    def _function_scope(self) -> Any:
        """A place for the state of functions, apart from that of all others."""
        return _late.Scope(self._store)

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Callable[..., Any]:
        """A function of the values for `feed_list` that returns what `run(fetches)` would; saves the look-ups of `run`."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        tensors = [t for key in feed_list or () for t in feeds.expand(self._graph, key)]
        prepared = self._prepare(fetches, dict.fromkeys(tensors))

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._closed:
                raise RuntimeError("Attempted to use a closed Session.")
            if len(args) != len(tensors):
                raise TypeError(f"this callable takes {len(tensors)} values ({', '.join(t.name for t in tensors)}), got {len(args)}")
            if kwargs and (not accept_options or set(kwargs) - {"options", "run_metadata"}):
                raise TypeError(f"unexpected keyword arguments {sorted(kwargs)}; options need make_callable(accept_options=True)")
            if any(option is not None for option in kwargs.values()):
                return self.run(fetches, dict(zip(tensors, args)), **kwargs)
            return prepared.show(prepared.executor.run([convert(v) for convert, v in zip(prepared.convert, args)]))

        return call

    def explain(self, fetches: Any, feed_dict: Any = None, stages: bool = False) -> Any:
        """What a run of `fetches` does, as text: the plan after lowering and every pass, for the shapes fed. The last is what the
        engine runs: in its order, with fused loops, shared buffers and variables that are written in place.

        feed_dict: as for `run`; a value may also be a shape tuple. With stages=True, a list of (pass name, plan) instead; the last
        plan's `layout` says the same as data. `tf.viewer.show` draws either.
        """
        feed_dict = feed_dict or {}
        flat = Flat(self._graph, fetches)
        fed = [t for key in feed_dict for t in feeds.expand(self._graph, key)]
        shapes = []
        for t, v in zip(fed, [part for key, given in feed_dict.items() for part in feeds.parts(key, given)]):
            shapes.append(v if isinstance(v, tuple) and all(isinstance(d, int) for d in v) else feeds.converter(t)(v).shape)
        found = self._executor(flat.elements, fed).stages(shapes)
        if stages:
            return found
        return "\n\n".join(f"== {name}: {len(plan.nodes)} nodes\n{plan}" for name, plan in found)

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> str:
        """Begins a run in parts; the handle for `partial_run`. fetches, feeds: all that will be fetched and fed in its parts."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        run = _late.PartialRun(self, fetches, feeds)
        self._partial[run.handle] = run
        found: str = run.handle
        return found

    def partial_run(self, handle: Any, fetches: Any, feed_dict: Any = None) -> Any:
        """The values of some fetches of a run in parts, with some of its feeds. What their values make possible is done, and done once.

        InvalidArgumentError for what was not named at the beginning, what was fed or fetched before, and what cannot be computed yet.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        run = self._partial.get(handle)
        if run is None:
            raise InvalidArgumentError(None, None, "Must run 'setup' before performing partial runs! This handle is none, or has ended")
        try:
            with run.lock:
                return run.run(fetches, feed_dict)
        finally:
            if run.ended:
                self._partial.pop(handle, None)

    def list_devices(self) -> list[Any]:
        """The devices: one CPU, or as many as `device_count` of the configuration says, which are the same one; GPUs on the xla engine."""
        return list_devices(self._config.device_count.get("CPU", 0) if self._config is not None else 0, self._store.engine.name)

    def close(self) -> None:
        """Ends the session; running anything afterwards is a RuntimeError. Its variables are gone."""
        if not self._closed:
            self._closed = True
            self._store.close()
            self._prepared.clear()
            self._partial.clear()
            self._parts.clear()
            self._functions.clear()
            self._graph._sessions.discard(self)

    def as_default(self) -> AbstractContextManager[Any]:
        """Context manager: this is the default session inside (`Tensor.eval`, `Operation.run`); does not close it."""
        return context.entered(context.stacks.sessions, self, enforce_nesting=False)

    def _forget_plans(self, op: Operation) -> None:
        """An operation was changed after it was made: plans that hold it are made anew."""
        self._prepared = {k: p for k, p in self._prepared.items() if op not in p.executor.members}
        self._parts = {k: p for k, p in self._parts.items() if op not in p[1]}


@export("Session")
class Session(BaseSession):
    """Runs operations and computes tensors of one graph; use as a context manager to make it the default session.

    target: the address of a server ("grpc://host:port") changes nothing, as everything runs in this process; anything else is a
    NotFoundError, as in TensorFlow. graph: the default graph when None.
    config: a `tf.ConfigProto`; its `engine` field chooses the engine, `mesh` and `sharding` the devices of the xla engine.
    """

    @whole
    def __enter__(self) -> Session:
        graph = self._graph.as_default()
        graph.__enter__()
        session = self.as_default()
        session.__enter__()
        self._entered.append((graph, session))
        return self

    @whole
    def __exit__(self, *exception: Any) -> None:
        graph, session = self._entered.pop()
        session.__exit__(*exception)
        graph.__exit__(*exception)
        self.close()

    @staticmethod
    def reset(target: str, containers: Any = None, config: Any = None) -> None:
        """Clears resource containers of a server; sessions here own their variables, so only its arguments are checked."""
        if target and not isinstance(target, (str, bytes)):
            raise TypeError("Argument `target` must be a string")


@export("InteractiveSession")
class InteractiveSession(BaseSession):
    """A session that is the default session from its making until `close`, for shells and notebooks.

    Warns where another one is open.
    """

    _open = 0    # how many there are

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        if InteractiveSession._open:
            warnings.warn("An interactive session is already active: its variables stay in memory until it is closed.", stacklevel=2)
        InteractiveSession._open += 1
        self._explicit_graph = graph.as_default() if graph is not None else None
        if self._explicit_graph is not None:
            self._explicit_graph.__enter__()
        self._default = self.as_default()
        self._default.__enter__()

    def close(self) -> None:
        if not self._closed:
            super().close()
            InteractiveSession._open -= 1
            if self._explicit_graph is not None:
                self._explicit_graph.__exit__(None, None, None)
            self._default.__exit__(None, None, None)


def _frozen(fetches: Any) -> Any:
    """A hashable stand-in for a fetch structure."""
    if isinstance(fetches, (list, tuple)):
        return (type(fetches), *[_frozen(f) for f in fetches])
    if hasattr(fetches, "items"):
        return (type(fetches), *[(k, _frozen(v)) for k, v in fetches.items()])
    try:
        hash(fetches)
    except TypeError:
        raise TypeError(f"Fetch argument {fetches!r} has invalid type {type(fetches)}, must be a string or Tensor. (Can not convert a "
                        f"{type(fetches).__name__} into a Tensor or Operation.)") from None
    return fetches
