"""Restoring straight from the file into the variables of a session.

Run as a graph, a restore holds all tensors at once before it assigns them. Here each is read into the memory that the variable has
already. Only graphs as a Saver makes them (RestoreV2, maybe Identity or Reshape, then an assignment) are done this way.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from graphflow.core.known import constant_value
from graphflow.core.operation import Operation
from graphflow.core.tensor import Tensor
from graphflow.core.values import resource_handle
from graphflow.formats import checkpoints
from graphflow.formats.bundle import BundleReader
from graphflow.formats.checkpoint_fit import Wanted
from graphflow.formats.progress import Progress
from graphflow.formats.slices import parse_spec
from graphflow.kernels.interrupts import open_to_signals, watch_all, whole
from graphflow.ops.array.basic import Identity, Reshape
from graphflow.ops.control_flow.flow import NoOp
from graphflow.ops.io.checkpoint import RestoreV2, file_errors, refuse_misfits
from graphflow.ops.state.assign import Assign, AssignVariableOp

_WORTH_THREADS = 1 << 25
_HELD = 1 << 28         # bytes: up to here what goes over old values is read aside first, so that no error can leave half of them
_THREADS = 4


class Job(NamedTuple):
    """One variable to restore: what is read, where it goes, and whether its shape may be another than the file's."""

    wanted: Wanted
    key: str
    dtype: np.dtype
    reshape: tuple[int, ...] | None
    checked: bool


def jobs_of(restore_op: Operation) -> list[Job] | None:
    """What a restore operation does, or None if it is not of the form that a Saver makes: of the very ops that saver_builder puts in."""
    jobs: list[Job] = []
    texts: dict[Tensor, list[str] | None] = {}       # of all tensors that one RestoreV2 reads: looked at once
    stack, seen = [restore_op], set()
    while stack:
        op = stack.pop()
        if op in seen:
            continue
        seen.add(op)
        if op._op_def.__class__ is NoOp:
            stack += reversed(op.control_inputs)
            continue
        job = _job(op, texts)
        if job is None:
            return None
        jobs.append(job)
    return jobs


def _job(op: Operation, known: dict[Tensor, list[str] | None]) -> Job | None:
    if op._op_def.__class__ not in (Assign, AssignVariableOp) or op.control_inputs:
        return None
    variable, value = op.inputs
    key = variable.op._op_def.resource_key(variable.op)
    reshape: tuple[int, ...] | None = None
    while value.op._op_def.__class__ in (Identity, Reshape) and not value.op.control_inputs:
        if value.op._op_def.__class__ is Reshape:
            target = constant_value(value.op.inputs[1])
            if target is None:
                return None
            reshape = tuple(int(size) for size in target)
        value = value.op.inputs[0]
    if value.op._op_def.__class__ is not RestoreV2 or key is None:
        return None
    for tensor in value.op.inputs[1:]:
        if tensor not in known:
            known[tensor] = _texts(tensor)
    texts = [known[tensor] for tensor in value.op.inputs[1:]]
    at = value._index
    if any(column is None or len(column) <= at for column in texts):
        return None
    name, spec = (column[at] for column in texts if column is not None)
    shape = _shape_of(variable)
    where = "" if variable.op.line is None else str(variable.op.line)
    checked = op._op_def.__class__ is AssignVariableOp or bool(op._op_def.attributes().get("validate_shape"))
    wanted = Wanted(name, spec, value.dtype.as_datatype_enum, shape if checked or reshape is not None else None, where)
    return Job(wanted, key, value.dtype.np, reshape, checked)


def restore_variables(session: Any, variables: dict[str, Any], prefix: str | None) -> None:
    """Read {name in the checkpoint: variable} as `restore` does, without operations in the graph."""
    jobs = []
    for name, variable in variables.items():
        target = variable._ref() if resource_handle(variable) is None else variable.handle
        info = getattr(variable, "_save_slice_info", None)
        where = "" if target.op.line is None else str(target.op.line)
        dtype = variable.dtype.base_dtype
        wanted = Wanted(name, info.spec if info else "", dtype.as_datatype_enum, _shape_of(target), where)
        jobs.append(Job(wanted, target.op._op_def.resource_key(target.op), dtype.np, None, True))
    restore(session, jobs, str(prefix))


def _texts(tensor: Tensor) -> list[str] | None:
    value = constant_value(tensor)
    return None if value is None else [item.decode("utf-8", "surrogateescape") for item in np.asarray(value, object).reshape(-1).tolist()]


def _shape_of(variable: Tensor) -> tuple[int, ...] | None:
    static = (variable.op._op_def.variable() or variable._spec).shape
    return None if static is None or None in static else static  # type: ignore[return-value]


def restore(session: Any, jobs: list[Job], prefix: str) -> None:
    """Read every variable. Nothing is changed unless all are there, fit, and have the right checksums.

    What goes over old values is read aside first or, if it is more than 256 MB, verified first and then read over them; what goes to new
    variables is read at once, and counts only at the end.
    """
    if session._closed:
        raise RuntimeError("Attempted to use a closed Session.")
    with file_errors(None), checkpoints.open_checkpoint(prefix) as reader:
        strict = [job.wanted for job in jobs if job.reshape is None]
        refuse_misfits(reader, strict + [job.wanted for job in jobs if job.reshape is not None], reshape=len(strict) < len(jobs))
        watch_all()
        _restore(session._store, reader, jobs, f"restoring {os.path.basename(prefix)}")


@whole
def _restore(store: Any, reader: Any, jobs: list[Job], what: str) -> None:
    """Changes all variables or, when reading fails or a signal ends it, none."""
    store.lock.acquire(True)
    try:
        placed = [isinstance(reader, BundleReader) and _place(store, reader, job) is not None for job in jobs]
        direct = [job for job, own in zip(jobs, placed, strict=True) if own]
        old = [job for job in direct if store.slots[job.key].initialized]
        new = [job for job in direct if not store.slots[job.key].initialized]
        sizes = [_size(job, reader) for job in direct]
        each = _parallel if sum(sizes) > _WORTH_THREADS else _one_by_one
        with Progress(what, sum(sizes)) as progress:
            aside: dict[str, np.ndarray] | None = {} if sum(_size(job, reader) for job in old) <= _HELD else None
            others = [job for job, own in zip(jobs, placed, strict=True) if not own]
            values = _read(store, reader, others, old, new, aside, each, progress)
            if aside is None:
                each(lambda job: _fill(reader, job, store.memory(job.key), progress), old)
            else:
                for key, array in aside.items():
                    np.copyto(store.memory(key), array)
        for job, value in values:
            store.rebind(job.key, value if job.reshape is None else value.reshape(job.reshape))
        for job in new:
            store.slots[job.key].initialized = True
    finally:
        store.lock.release()


@open_to_signals
def _read(store: Any, reader: Any, others: list[Job], old: list[Job], new: list[Job], aside: dict[str, np.ndarray] | None, each: Any,
          progress: Progress) -> list[Any]:
    """What can be done before any variable changes: reads what is for `old` aside, or verifies it, and all else. The values of `others`."""
    values = [(job, reader.read(job.wanted.name, _part(job))) for job in others]
    if aside is None:
        each(lambda job: reader.verify(job.wanted.name, _part(job)), old)
    else:
        aside.update({job.key: np.empty_like(store.memory(job.key)) for job in old})
        each(lambda job: _fill(reader, job, aside[job.key], progress), old)
    each(lambda job: _fill(reader, job, store.memory(job.key), progress), new)
    return values


def _one_by_one(work: Callable[[Job], None], jobs: list[Job]) -> None:
    for job in jobs:
        work(job)


def _parallel(work: Callable[[Job], None], jobs: list[Job]) -> None:
    """Reading and checking leave Python's lock, so a few threads keep disk and memory busy."""
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        for done in [pool.submit(work, job) for job in jobs]:
            done.result()


def _part(job: Job) -> Any:
    return parse_spec(job.wanted.spec)[1] if job.wanted.spec else None


def _size(job: Job, reader: Any) -> int:
    shape = reader.shape(job.wanted.name)
    return int(np.prod(shape, dtype=np.int64)) * job.dtype.itemsize


def _place(store: Any, reader: BundleReader, job: Job) -> np.ndarray | None:
    """The variable's own memory, if the stored bytes can be read straight into it."""
    shape = reader.stored_shape(job.wanted.name, _part(job))
    if shape is None or job.dtype.kind == "O" or job.reshape is not None:
        return None
    store.prepare(job.key, shape, job.dtype)
    array = store.memory(job.key)
    fits = isinstance(array, np.ndarray) and array.shape == shape and array.dtype == job.dtype and array.flags.c_contiguous
    return array if fits and array is not None and array.flags.writeable else None


def _fill(reader: Any, job: Job, array: np.ndarray, progress: Progress) -> None:
    reader.read_into(array, job.wanted.name, _part(job))
    progress.add(array.nbytes)
