"""get_variable: variables by name, made once and shared through scopes."""
from __future__ import annotations

import difflib
import inspect
from typing import Any

from ..core import context, shapes
from ..core.collections import GraphKeys
from ..core.dtypes import DType, as_dtype, float32, string
from ..core.export import export
from ..core.func_graph import outside
from ..core.tensor_shape import TensorShape
from . import initializers
from .enums import VariableAggregation, VariableSynchronization
from .partitioned import get_partitioned
from .scope import AUTO_REUSE, get_variable_scope
from .variable import Variable


class VariableStore:
    """The variables that get_variable made in one graph, by full name."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.partitioned: dict[str, Any] = {}

    def get_variable(self, name: str, shape: Any = None, dtype: Any = float32, initializer: Any = None, regularizer: Any = None,
                     reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None,
                     partitioner: Any = None, validate_shape: bool = True, use_resource: Any = None, custom_getter: Any = None,
                     constraint: Any = None, synchronization: Any = VariableSynchronization.AUTO,
                     aggregation: Any = VariableAggregation.NONE) -> Any:
        """The variable of that full name; a custom getter gets everything first."""
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        dtype = as_dtype(dtype).base_dtype
        if trainable is None:
            trainable = synchronization is not VariableSynchronization.ON_READ
        options = {"shape": shape, "dtype": dtype, "initializer": initializer, "regularizer": regularizer, "reuse": reuse,
                   "trainable": trainable, "collections": collections, "caching_device": caching_device, "partitioner": partitioner,
                   "validate_shape": validate_shape, "use_resource": use_resource, "constraint": constraint,
                   "synchronization": synchronization, "aggregation": aggregation}
        if custom_getter is None:
            return self._get(name, **options)
        if not _takes(custom_getter, "constraint"):
            options.pop("constraint")
        return custom_getter(getter=self._get, name=name, **options)

    def _get(self, name: str, shape: Any = None, dtype: Any = float32, initializer: Any = None, regularizer: Any = None,
             reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
             validate_shape: bool = True, use_resource: Any = None, constraint: Any = None,
             synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE) -> Any:
        dtype = as_dtype(dtype).base_dtype
        if partitioner is not None and not (shape is not None and shapes.as_tuple(shape) == ()):       # a scalar has no parts
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            return get_partitioned(self, name, partitioner, shape, dtype, initializer, regularizer, reuse, trainable, collections,
                                   validate_shape, use_resource, constraint)
        if reuse is True and name in self.partitioned:
            return self.partitioned[name]
        if f"{name}/part_0" in self.variables:
            raise ValueError(f"No partitioner was provided, but a partitioned version of the variable was found: {name}/part_0. Perhaps a "
                             "variable of the same name was already created with partitioning?")
        more = {"caching_device": caching_device, "synchronization": synchronization, "aggregation": aggregation}
        return self.single(name, shape, dtype, initializer, regularizer, reuse, trainable, collections, validate_shape, use_resource,
                           constraint, more=more)

    def single(self, name: str, shape: Any = None, dtype: DType = float32, initializer: Any = None, regularizer: Any = None,
               reuse: Any = None, trainable: Any = None, collections: Any = None, validate_shape: bool = True,
               use_resource: Any = None, constraint: Any = None, partition_info: Any = None, more: dict[str, Any] | None = None) -> Any:
        """One variable that is not partitioned: the one that exists, or a new one."""
        wanted = shapes.as_tuple(shape)
        from_value = initializer is not None and not callable(initializer)
        if from_value and shape is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        found = self.variables.get(name)
        if found is not None:
            return _shared(name, found, reuse, wanted, dtype)
        if reuse is True:
            raise ValueError(f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
                             f"reuse=tf.AUTO_REUSE in VarScope?{_near(name, self.variables)}")
        variable = self._make(name, wanted, dtype, initializer, from_value, trainable, collections, validate_shape, use_resource,
                              constraint, partition_info, more or {})
        if not context.default_graph().shared.eager:         # else a program keeps its variables itself
            self.variables[name] = variable
        if regularizer is not None:
            _regularize(name, variable, regularizer)
        return variable

    def _make(self, name: str, shape: Any, dtype: DType, initializer: Any, from_value: bool, trainable: Any, collections: Any,
              validate_shape: bool, use_resource: Any, constraint: Any, partition_info: Any, more: dict[str, Any]) -> Any:
        if initializer is None:
            initializer = default_initializer(name, dtype)
        if inspect.isclass(initializer):
            initializer = initializer()
        variable_dtype: DType | None = dtype
        if from_value:
            value, variable_dtype = initializer, None
        elif shape is not None and None not in shape:
            extra = {"partition_info": partition_info} if _takes(initializer, "partition_info") else {}
            accepts_dtype = _takes(initializer, "dtype")

            def value() -> Any:
                if accepts_dtype:
                    return initializer(list(shape), dtype=dtype, **extra)
                return initializer(list(shape), **extra)
        elif not _required(initializer):
            value = initializer
        else:
            raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {TensorShape(shape)}.")
        with context.default_graph().control_dependencies(None):
            return Variable(initial_value=value, name=name, trainable=trainable, collections=collections, dtype=variable_dtype,
                            validate_shape=validate_shape, constraint=constraint, use_resource=use_resource, **more)


def default_initializer(name: str, dtype: DType) -> Any:
    """Glorot's uniform for floating variables, zeros for integers and booleans, empty strings."""
    if dtype.is_floating:
        return initializers.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype is string:
        return initializers.zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype.name} is required")


def _shared(name: str, found: Any, reuse: Any, shape: Any, dtype: DType) -> Any:
    if not reuse:
        line = found.op.line
        where = f" Originally defined at:\n\n  {line}: {line.text}" if line else ""
        raise ValueError(f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?"
                         f"{where}")
    line = found.op.line
    where = f" It was made at {line}: {line.text}" if line else ""
    if not shapes.compatible(shape, found.static):
        raise ValueError(f"Trying to share variable {name}, but specified shape {TensorShape(shape)} and found shape {found.shape}."
                         f"{where}")
    if not dtype.is_compatible_with(found.dtype.base_dtype):
        raise ValueError(f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
                         f"{found.dtype.base_dtype.name}.{where}")
    return found


def _near(name: str, variables: dict[str, Any]) -> str:
    near = difflib.get_close_matches(name, variables, n=3)
    leaf = [v for v in variables if v.rsplit("/", 1)[-1] == name.rsplit("/", 1)[-1] and v not in near][:3]
    names = near + leaf
    return f" Variables with near names or in other scopes: {', '.join(names)}." if names else ""


def _regularize(name: str, variable: Any, regularizer: Any) -> None:
    with outside() as graph, graph.colocate_with(variable), graph.name_scope(name + "/Regularizer/"):
        loss = regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)


def _parameters(function: Any) -> Any:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _takes(function: Any, name: str) -> bool:
    parameters = _parameters(function)
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _required(function: Any) -> list[str]:
    return [n for n, p in _parameters(function).items() if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def variable_store() -> VariableStore:
    """The variable store of the default graph."""
    return context.default_graph().extension("variable_store", VariableStore, shared=True)


@export("get_variable")
def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                 trainable: bool | None = None, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
                 validate_shape: bool = True, use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
                 synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE) -> Any:
    """The variable `name` of the current variable scope: a new one, or the existing one where the scope reuses.

    shape: of a new variable. initializer: a value, or a function of (shape, dtype); Glorot's uniform by default. regularizer: a function
    whose result joins GraphKeys.REGULARIZATION_LOSSES. partitioner: a function of (shape, dtype) that says how many slices.
    Raises ValueError for a new variable where only existing ones are allowed, for an existing one where the scope does not reuse,
    and for shapes and dtypes that contradict the existing one.
    """
    return get_variable_scope().get_variable(
        variable_store(), name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
        collections=collections, caching_device=caching_device, partitioner=partitioner, validate_shape=validate_shape,
        use_resource=use_resource, custom_getter=custom_getter, constraint=constraint, synchronization=synchronization,
        aggregation=aggregation)


@export("get_local_variable")
def get_local_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                       trainable: bool = False, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
                       validate_shape: bool = True, use_resource: bool | None = None, custom_getter: Any = None,
                       constraint: Any = None, synchronization: Any = VariableSynchronization.AUTO,
                       aggregation: Any = VariableAggregation.NONE) -> Any:
    """As get_variable, for GraphKeys.LOCAL_VARIABLES: not trained and not saved."""
    collections = [*(collections or []), *([] if collections and GraphKeys.LOCAL_VARIABLES in collections else [GraphKeys.LOCAL_VARIABLES])]
    return get_variable(name, shape, dtype, initializer, regularizer, False, collections, caching_device, partitioner,
                        validate_shape, use_resource, custom_getter, constraint, synchronization, aggregation)


__all__ = ["AUTO_REUSE", "VariableStore", "get_local_variable", "get_variable"]
