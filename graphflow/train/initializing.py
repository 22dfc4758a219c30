"""tf.train.init_from_checkpoint: variables start from the values of a checkpoint."""
from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from graphflow.core import context
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Spec
from graphflow.core.shapes import compatible, merge
from graphflow.formats.checkpoint_fit import near_names
from graphflow.ops.io.checkpoint import RestoreV2
from graphflow.variables.get import variable_store

from .checkpoint_reader import checkpoint_prefix, load_checkpoint
from .saveable import named_saveables, parts_of

_log = logging.getLogger("tensorflow")


@export("train.init_from_checkpoint")
def init_from_checkpoint(ckpt_dir_or_file: str, assignment_map: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
    """Replace the initializers of variables, so that initializing them reads their values from a checkpoint.

    assignment_map: {name in the checkpoint: variable, list of a partitioned variable's slices, or a variable's name}, or
    {'scope_in_checkpoint/': 'scope/'} for all variables below a scope; '/' is the top. Makes no difference to variables that a
    session has initialized already. ValueError for a tensor that the checkpoint lacks, or of another shape.
    """
    shapes = load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map()
    prefix = checkpoint_prefix(ckpt_dir_or_file)
    known = variable_store().variables
    pairs = assignment_map.items() if isinstance(assignment_map, Mapping) else assignment_map
    for tensor_name, target in sorted(pairs, key=lambda pair: pair[0]):
        variable = _variable(target, known)
        if variable is not None:
            if tensor_name not in shapes:
                raise ValueError(f"Tensor {tensor_name} is not found in {ckpt_dir_or_file} checkpoint{near_names(tensor_name, shapes)}; "
                                 f"it has {shapes}")
            _initialize(variable, prefix, tensor_name, shapes[tensor_name])
            continue
        for name, full_name in _scope_pairs(tensor_name, target, known):
            if full_name not in shapes:
                raise ValueError(f"Tensor {full_name} ({name} in {tensor_name}) is not found in {ckpt_dir_or_file} checkpoint"
                                 f"{near_names(full_name, shapes)}")
            _initialize(_variable(name, known), prefix, full_name, shapes[full_name])


def _variable(target: Any, known: dict[str, Any]) -> Any:
    """The variable, or list of slices, that a user means; None for a scope."""
    if not isinstance(target, str):
        return target
    if target in known:
        return known[target]
    slices: list[Any] = []
    while f"{target}/part_{len(slices)}" in known:
        slices.append(known[f"{target}/part_{len(slices)}"])
    return slices or None


def _scope_pairs(tensor_scope: str, scope: str, known: dict[str, Any]) -> list[tuple[str, str]]:
    """(variable's name, name in the checkpoint) of all variables below a scope."""
    below = scope.rpartition("/")[0]
    if not tensor_scope.endswith("/"):
        raise ValueError(f"Assignment map with scope only name {below} should map to scope only {tensor_scope}. "
                         "Should be 'scope/': 'other_scope/'.")
    names = {name.partition("/part_")[0] for name in known if not below or name.startswith(f"{below}/")}
    pairs = []
    for name in sorted(names):
        rest = name[len(below):] if scope == "/" else name[len(below) + 1 if below else 0:]
        pairs.append((name, (rest if tensor_scope == "/" else tensor_scope + rest).removesuffix("/")))
    return pairs


def _initialize(variable: Any, prefix: str, tensor_name: str, shape: list[int]) -> None:
    """Let a variable, or each slice of one, be initialized from the checkpoint."""
    slices = parts_of(variable)
    if slices is None and not compatible(variable.static, tuple(shape)):
        raise ValueError(f"Shape of variable {variable.name} ({variable.shape}) doesn't match with shape of tensor {tensor_name} "
                         f"({shape}) from checkpoint reader.")
    for part in [variable] if slices is None else slices:
        info = part._save_slice_info if slices is not None else None
        _set_initializer(part, prefix, tensor_name, "" if info is None else info.spec)
    _log.debug("Initialize variable %s from checkpoint %s with %s", getattr(variable, "name", slices), prefix, tensor_name)


def _set_initializer(variable: Any, prefix: str, tensor_name: str, spec: str) -> None:
    graph = context.default_graph()
    with graph.device(variable.device or None), graph.device("/device:CPU:0"):
        value, = make(RestoreV2, prefix, [tensor_name], [spec], dtypes=(variable.dtype.base_dtype,), name="checkpoint_initializer")
    saveable, = named_saveables([variable])
    variable._initializer_op = saveable.restore([value], None)
    value._spec = Spec(value.dtype, merge(value.static, variable.static))
    variable._initial_value = value
