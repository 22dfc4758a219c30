"""Runs of several hosts: one that changes variables is a run of all of them, with the batches of all; one that does not is the host's own.

Every host has every variable whole, over its own devices. A fed array whose first size the graph leaves open is the host's part of a
batch; of any other all hosts feed the same, which the step checks: each host's copy is a row of an array that is split over hosts, and
the chief's is taken. What code on a host writes (initializers, restored checkpoints) becomes the chief's before the next such run.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ....core import errors
from ....plan.bodies import all_nodes
from ....plan.complaints import at_op
from ....plan.ir import Plan
from ....plan.node import Node
from .callbacks import for_each_of
from .joined import Joined
from .mesh import Placement, any_size
from .program import Program, Tail
from .tail import split
from .trace import traceable
from .values import XlaValue, x64


class _Here(Placement):
    """Where runs of one host alone lie: on its own devices, with the variables as it has them."""

    def __init__(self, joint: JointPlacement, mesh: Mesh):
        super().__init__()
        self.own = mesh
        if mesh.size > 1:
            self.mesh, self.batch = mesh, joint.batch

    def lent(self, value: XlaValue) -> Any:
        if not value.on_device:
            return value.data
        if self.mesh is None:
            return value.data.addressable_data(0)
        shards = [shard.data for shard in value.data.addressable_shards]
        return jax.make_array_from_single_device_arrays(value.shape, NamedSharding(self.own, value.where.spec), shards)


class JointPlacement(Placement):
    """A mesh of the devices of all hosts, "data=<all>" if none is given. The first axis goes over hosts, others lie inside of one."""

    def __init__(self, mesh: str, sharding: Sequence[str], joined: Joined):
        self.joined, devices, count = joined, jax.devices(), len(joined.hosts.names)
        super().__init__(mesh or f"data={len(devices)}", sharding)
        grid = self.mesh
        assert grid is not None
        if grid.size != len(devices) or grid.devices.shape[0] % count:
            raise ValueError(f"mesh={mesh!r}: {count} hosts have {len(devices)} devices; the sizes have to give that number, and the first "
                             f"has to be a multiple of {count}")
        mine = [row for row in grid.devices if all(device.process_index == joined.hosts.rank for device in np.ravel(row))]
        if len(mine) * count != len(grid.devices):
            raise ValueError(f"mesh={mesh!r}: only the first axis may go from host to host; each of {count} hosts has "
                             f"{len(devices) // count} devices")
        self.here: _Here = _Here(self, Mesh(np.array(mine), grid.axis_names))
        self.grid = grid
        self.apart = NamedSharding(grid, PartitionSpec(self.batch))
        self.copied = NamedSharding(grid, PartitionSpec())
        self.fresh: dict[int, XlaValue] = {}          # written by this host's code since all hosts had the same
        self.programs = 0

    def put(self, array: np.ndarray, where: Any) -> Any:
        whole = np.array(array)
        return jax.make_array_from_callback(whole.shape, where, lambda index: whole[index])

    def variable(self, key: str, shape: tuple[int, ...]) -> Any:
        where = super().variable(key, shape)
        if self.batch in where.spec:
            raise ValueError(f"variable {key} is split by {self.batch!r}, which goes over hosts; each host keeps all of a variable, so "
                             "that the chief can save it: split it by an axis inside of hosts, or not")
        return where

    def written(self, value: XlaValue) -> None:
        """Notes that code on this host gave a variable a value."""
        if value.on_device:
            self.fresh[id(value)] = value

    def whole(self, plan: Plan, fed: Sequence[Any], shapes: Sequence[Any], binding: Any, make: Callable[..., Plan]) -> Plan:
        """The plan of a run of all hosts: for the batches of all. plan: that for this host's own.

        UnimplementedError where it depends on parts and cannot be compiled whole.
        """
        binding.parts = frozenset(i for i, (tensor, shape) in enumerate(zip(fed, shapes)) if shape and any_size(tensor.shape))
        if not binding.parts:
            return plan
        count = len(self.joined.hosts.names)
        plan = make([(tensor, (shape[0] * count, *shape[1:]) if i in binding.parts else shape)
                     for i, (tensor, shape) in enumerate(zip(fed, shapes))], binding)
        lacking = next((node for node in (*plan.inputs, *all_nodes(plan)) if not traceable(node)), None)
        if lacking is not None and split(plan) is None:
            raise self.lack(plan, f"{lacking.prim!r} cannot be compiled", lacking)
        return plan

    def lack(self, plan: Plan, why: str, node: Node | None = None) -> errors.OpError:
        """The error for a run of all hosts that cannot be one."""
        text = (f"a run that changes {', '.join(key for key, _ in plan.effects[:3])} and takes each host's part of a batch has to be "
                f"compiled whole, where there are several hosts: {why}. Do that in a run of its own, or on what is fed before it is fed")
        source = None if node is None else node.source
        return errors.UnimplementedError(None, source, text if source is None else at_op(source, text))

    def settle(self) -> None:
        """Gives every host the chief's values of what hosts wrote."""
        values, self.fresh = list(self.fresh.values()), {}
        self._take(values)

    def _take(self, values: Sequence[XlaValue]) -> None:
        with x64():
            for value, array in zip(values, self.joined.from_chief([np.asarray(self.here.lent(value)) for value in values])):
                value.data = self.put(array, value.where)

    def share(self, store: Any) -> None:
        """Gives the variables of a session, on every host, the values that they have on the chief; those that it lacks too."""
        mine = [[key, slot.value.shape, slot.value.dtype.name] for key, slot in sorted(store.slots.items())
                if slot.initialized and slot.value.on_device]
        number, self.programs = self.programs, self.programs + 1
        there = json.loads(self.joined.told(f"graphflow/share/{number}", json.dumps(mine))[0])
        for key, shape, dtype in there:
            slot = store.slots.get(key)
            if slot is None or not slot.initialized or slot.value.shape != tuple(shape):
                store.rebind(key, np.zeros(shape, np.dtype(dtype)))
        self.fresh = {}
        self._take([store.slots[key].value for key, _, _ in there])


class JointProgram(Program):
    """A plan that all hosts run at once. A host that runs another program meanwhile, or feeds another value, is told by the step itself."""
    placement: JointPlacement

    def __init__(self, plan: Plan, binding: Any, placement: JointPlacement, tail: Tail | None = None):
        self.parts = binding.parts
        super().__init__(plan, binding, placement, lambda: None, tail)
        placement.programs += 1
        self.number, self.known = np.int32(placement.programs), False
        for node in self.feeds:
            if node.par in self.parts:
                placement.feed(node)             # refuses what does not divide
        kept = [placement.copied] * len(plan.effects)
        for (i, _), target in zip(self.kept, self.targets):
            kept[i] = target.where
        self.function = jax.jit(self.trace_rows, donate_argnums=(0,),
                                out_shardings=(placement.copied, kept, placement.copied, placement.copied))

    def trace_rows(self, given: list[Any], lent: list[Any], feeds: list[Any], places: list[Any], number: Any) -> Any:
        """The plan, with the chief's of what all hosts feed alike, and which feed is not alike (0: none, 1: the program)."""
        alike = [number, *[feed for node, feed in zip(self.feeds, feeds) if node.par not in self.parts]]
        odd = jnp.int32(0)
        for place, rows in reversed(list(enumerate(alike, 1))):
            same = (rows == rows[0]) | ((rows != rows) & (rows[0] != rows[0]))       # NaN is like NaN
            odd = jnp.where(same.all(), odd, jnp.int32(place))
        fed = [feed if node.par in self.parts else feed[0] for node, feed in zip(self.feeds, feeds)]
        with for_each_of(self.placement.grid):
            return *self.trace(given, lent, fed, [rows[0] for rows in places]), odd

    def run(self, tail: Any, *feeds: Any) -> tuple[Any, ...]:
        joined = self.placement.joined
        places = [take() for take in self.takers]
        self.meet(feeds)
        with x64(), joined.step():
            fed = [self.part(feeds[node.par]) if node.par in self.parts else self.row(feeds[node.par]) for node in self.feeds]
            outputs, values, failed, odd = self.function(*self.taken(), fed, [self.row(place) for place in places], self.row(self.number))
            wrong, failed = int(odd), int(failed)
            jax.block_until_ready(values)
        if failed:
            raise self.failure(failed)
        left = self.left(tail, outputs, feeds)
        self.settle(values)
        if wrong:
            raise self.odd(wrong)
        return left

    def part(self, array: Any) -> Any:
        """This host's part of a batch, as part of the whole."""
        return jax.make_array_from_process_local_data(self.placement.apart, np.asarray(array))

    def row(self, array: Any) -> Any:
        """What all hosts have alike, each device's copy as a row."""
        alike = np.asarray(array)
        rows = len(self.placement.here.own.devices)
        return jax.make_array_from_process_local_data(self.placement.apart, np.broadcast_to(alike, (rows, *alike.shape)))

    def meet(self, feeds: Sequence[Any]) -> None:
        """Before the first run, and where variables were written: sees that all hosts make this run, and gives them the chief's values."""
        if self.known and not self.placement.fresh:
            return
        effects, fresh = [key for key, _ in self.plan.effects], sorted(value.key for value in self.placement.fresh.values())
        shapes = ", ".join(f"{_name(node)} {list(np.shape(feeds[node.par]))}" for node in self.feeds)
        self.placement.joined.agree(
            f"run {self.number} changes {_few(effects)}" + (f"; fed: {shapes}" if shapes else "") +
            f"; written by programs since the last such run: {_few(fresh) if fresh else 'nothing'}")
        self.known = True
        self.placement.settle()

    def odd(self, place: int) -> Exception:
        """The error for hosts that do not run or feed the same."""
        me = self.placement.joined.hosts.me
        if place == 1:
            return errors.FailedPreconditionError(None, None, (
                f"{me}: hosts made different runs at the same time, or batches of different sizes. Every host has to make the same runs "
                f"that change variables, in the same order; here it was one that changes {_few([key for key, _ in self.plan.effects])}"))
        node = [node for node in self.feeds if node.par not in self.parts][place - 2]
        text = (f"{me}: hosts feed different values to {_name(node)} of shape {list(node.shape or ())}; the chief's was taken. A feed of "
                "known size is one that all hosts have alike; leave its first size open (None) where each host feeds its part of a batch")
        return errors.InvalidArgumentError(None, node.source, text if node.source is None else at_op(node.source, text))


def _name(node: Node) -> str:
    return f"feed {node.par}" if node.source is None else str(node.source.name)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
