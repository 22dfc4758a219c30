"""Variables of tf.contrib.framework: those of models, and how they are found by scope and name."""
from __future__ import annotations

import functools
import re
from typing import Any

import graphflow as tf

from ..homes import framework_and_slim
from .arg_scopes import add_arg_scope


@framework_and_slim("variable")
@add_arg_scope
def variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None, trainable: bool = True,
             collections: Any = None, caching_device: Any = None, device: Any = None, partitioner: Any = None, custom_getter: Any = None,
             use_resource: Any = None, synchronization: Any = tf.VariableSynchronization.AUTO,
             aggregation: Any = tf.VariableAggregation.NONE) -> Any:
    """tf.get_variable on a device; collections: None means GraphKeys.GLOBAL_VARIABLES."""
    chosen = list(dict.fromkeys([tf.GraphKeys.GLOBAL_VARIABLES] if collections is None else collections))
    getter: Any = tf.get_variable
    if custom_getter is not None:
        getter = functools.partial(custom_getter, reuse=tf.get_variable_scope().reuse)
    with tf.device(device or ""):
        return getter(name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
                      collections=chosen, caching_device=caching_device, partitioner=partitioner, use_resource=use_resource,
                      synchronization=synchronization, aggregation=aggregation)


@framework_and_slim("model_variable")
@add_arg_scope
def model_variable(name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, regularizer: Any = None,
                   trainable: bool = True, collections: Any = None, caching_device: Any = None, device: Any = None,
                   partitioner: Any = None, custom_getter: Any = None, use_resource: Any = None,
                   synchronization: Any = tf.VariableSynchronization.AUTO, aggregation: Any = tf.VariableAggregation.NONE) -> Any:
    """A variable that is in GraphKeys.MODEL_VARIABLES too."""
    chosen = [*(collections or []), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    return variable(name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
                    collections=chosen, caching_device=caching_device, device=device, partitioner=partitioner, custom_getter=custom_getter,
                    use_resource=use_resource, synchronization=synchronization, aggregation=aggregation)


@framework_and_slim("local_variable")
def local_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: Any = None) -> Any:
    """A variable of GraphKeys.LOCAL_VARIABLES: not trained, not saved."""
    return tf.Variable(initial_value, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES], validate_shape=validate_shape,
                       name=name, use_resource=use_resource)


@framework_and_slim("global_variable")
def global_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: Any = None) -> Any:
    """A variable of GraphKeys.GLOBAL_VARIABLES that is not trained."""
    return tf.Variable(initial_value, trainable=False, collections=[tf.GraphKeys.GLOBAL_VARIABLES], validate_shape=validate_shape,
                       name=name, use_resource=use_resource)


@framework_and_slim("add_model_variable")
def add_model_variable(var: Any) -> None:
    """Puts a variable in GraphKeys.MODEL_VARIABLES where it is not there yet."""
    if not any(v is var for v in tf.get_collection(tf.GraphKeys.MODEL_VARIABLES)):
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, var)


@framework_and_slim("get_variables")
def get_variables(scope: Any = None, suffix: str | None = None, collection: str = tf.GraphKeys.GLOBAL_VARIABLES) -> list[Any]:
    """The variables of a collection whose names begin with `scope` (a regular expression or a VariableScope) and end in `suffix`."""
    start = scope.name if isinstance(scope, tf.VariableScope) else scope
    if suffix is not None:
        start = f"{start or ''}.*{suffix if ':' in suffix else f'{suffix}:'}"
    return tf.get_collection(collection, start)


@framework_and_slim("get_model_variables")
def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of GraphKeys.MODEL_VARIABLES."""
    return get_variables(scope, suffix, tf.GraphKeys.MODEL_VARIABLES)


@framework_and_slim("get_local_variables")
def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of GraphKeys.LOCAL_VARIABLES."""
    return get_variables(scope, suffix, tf.GraphKeys.LOCAL_VARIABLES)


@framework_and_slim("get_trainable_variables")
def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of GraphKeys.TRAINABLE_VARIABLES."""
    return get_variables(scope, suffix, tf.GraphKeys.TRAINABLE_VARIABLES)


@framework_and_slim("get_variables_to_restore")
def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """The global variables of the scopes in `include` (None: all) without those in `exclude`; both lists or tuples, else TypeError."""
    for what, scopes in (("include", include), ("exclude", exclude)):
        if scopes is not None and not isinstance(scopes, (list, tuple)):
            raise TypeError(f"{what} is provided but is not a list or a tuple: {scopes!r}")
    wanted = get_variables() if include is None else [v for scope in include for v in get_variables(scope)]
    left_out = {id(v) for scope in exclude or () for v in get_variables(scope)}
    return [v for v in wanted if id(v) not in left_out]


@framework_and_slim("get_variables_by_suffix")
def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    """The global variables whose names end in `suffix`."""
    return get_variables(scope=scope, suffix=suffix)


@framework_and_slim("get_variables_by_name")
def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    """The global variables whose last name is `given_name`."""
    return get_variables(scope=scope, suffix=f"/{given_name}:|^{given_name}:")


@framework_and_slim("get_unique_variable")
def get_unique_variable(var_op_name: str) -> Any:
    """The variable of exactly that name; ValueError where there is none."""
    candidates = get_variables(scope=var_op_name)
    for candidate in candidates:
        if candidate.op.name == var_op_name:
            return candidate
    if not candidates:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable: {', '.join(v.op.name for v in candidates)}")


@framework_and_slim("get_variable_full_name")
def get_variable_full_name(var: Any) -> str:
    """The name in checkpoints: that of the whole variable where `var` is a slice of a partitioned one."""
    info = getattr(var, "_save_slice_info", None)
    return info.full_name if info else var.op.name


@framework_and_slim("filter_variables")
def filter_variables(var_list: Any, include_patterns: Any = None, exclude_patterns: Any = None, reg_search: bool = True) -> list[Any]:
    """Those of var_list whose names match any of include_patterns (None: all) and none of exclude_patterns.

    reg_search: the regular expressions may match anywhere in the name, else from its beginning on.
    """
    match = re.search if reg_search else re.match

    def fits(var: Any, patterns: Any) -> bool:
        return any(match(pattern, var.name) for pattern in patterns)

    return [v for v in var_list if (include_patterns is None or fits(v, include_patterns)) and not fits(v, exclude_patterns or ())]


@framework_and_slim("VariableDeviceChooser")
class VariableDeviceChooser:
    """A device function that deals variables out to parameter servers in turn; on one machine without tasks."""

    def __init__(self, num_tasks: int = 0, job_name: str = "ps", device_type: str = "CPU", device_index: int = 0,
                 replica: int | None = None):
        self._tasks, self._job, self._next = num_tasks, job_name, 0
        self._fields: dict[str, Any] = {"device_type": device_type, "device_index": device_index, "replica": replica}

    def __call__(self, op: Any) -> str:
        fields = dict(self._fields)
        if self._tasks > 0:
            fields |= {"job": self._job, "task": self._next}
            self._next = (self._next + 1) % self._tasks
        return tf.DeviceSpec(**fields).to_string()
