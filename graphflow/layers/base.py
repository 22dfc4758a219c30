"""Layer: what all layers and cells share: a variable scope of their own, weights made on the first call, losses and updates.

The first call opens the variable scope (under the layer's name where one was given, else under a free one), remembers it, and
makes the weights there with `build`. Later calls enter the same scope with reuse, so they share the weights.
"""
from __future__ import annotations

import copy
import inspect
import re
from typing import Any

from ..core import context, nest, shapes
from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype, float32
from ..core.export import export
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import cast, shape_internal
from ..ops.scopes import name_scope
from ..variables.enums import VariableAggregation, VariableSynchronization
from ..variables.get import get_variable
from ..variables.scope import VariableScope, variable_scope
from ..variables.variable import Variable
from .arguments import initializer_of
from .spec import check_inputs
from .values import LayerValues


def _snake_case(name: str) -> str:
    """BatchNormalization -> batch_normalization, Conv2D -> conv2d."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    found = re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()
    return f"private{found}" if found.startswith("_") else found


def _numbered(base: str) -> str:
    """base_1, base_2, ...: the names of layers that were not given one, counted per graph."""
    counts = context.default_graph().extension("layer_names", dict[str, int], shared=True)
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"


@export("layers.Layer")
class Layer(LayerValues):
    """Base class of layers: subclasses define `call(inputs)`, and `build(input_shape)` that makes weights by `add_weight`.

    dtype: of the weights; None means that of the first input.
    """

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any):
        scope, self._reuse = kwargs.pop("_scope", None), kwargs.pop("_reuse", None)
        self.activity_regularizer = kwargs.pop("activity_regularizer", None)
        if kwargs:
            raise TypeError(f"Keyword argument not understood: {next(iter(kwargs))!r}")
        self.trainable, self.built = trainable, False
        self.input_spec: Any = None
        self._dtype: str | None = None if dtype is None else as_dtype(dtype).base_dtype.name
        self._base_name = (name.name if isinstance(name, VariableScope) else name) or _snake_case(type(self).__name__)
        self._name: str = name if isinstance(name, str) and name else _numbered(_snake_case(type(self).__name__))
        self._trainable_weights: list[Any] = []
        self._non_trainable_weights: list[Any] = []
        self._losses: list[tuple[Any, bool]] = []     # the loss, and whether it depends on inputs
        self._updates: list[Any] = []
        self._current_scope: Any = None
        self._scope: Any = None
        if scope:
            with variable_scope(scope) as self._scope:
                pass

    # names and weights

    @property
    def name(self) -> str:
        return self._name

    @property
    def scope_name(self) -> str:
        """The variable scope's name; ValueError before the first call."""
        if not self._scope:
            raise ValueError(f'No name available for layer scope because the layer "{self._name}" has not been used yet. The first call of '
                             "the layer chooses the scope: call it first.")
        found: str = self._scope.name
        return found

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def trainable_weights(self) -> list[Any]:
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        return list(self._non_trainable_weights) if self.trainable else self._trainable_weights + self._non_trainable_weights

    @property
    def weights(self) -> list[Any]:
        return self.trainable_weights + self.non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        return self.weights

    @property
    def losses(self) -> list[Any]:
        """Losses of regularizers, and those that `add_loss` was given."""
        return [loss for loss, _ in self._losses]

    @property
    def updates(self) -> list[Any]:
        """Operations that update the layer's state; none while it is not trainable."""
        return list(self._updates) if self.trainable else []

    def get_losses_for(self, inputs: Any) -> list[Any]:
        """Losses that do not depend on inputs (inputs=None), else those that do."""
        return [loss for loss, of_inputs in self._losses if of_inputs == (inputs is not None)]

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """Updates that depend on inputs; none do not."""
        return self.updates if inputs is not None else []

    def count_params(self) -> int:
        """How many numbers the weights hold; ValueError before they are made."""
        if not self.built:
            raise ValueError(f"You tried to call `count_params` on layer {self.name}, but the layer isn't built. Call it on inputs first.")
        return sum(shapes.num_elements(w.static) or 0 for w in self.weights)

    def add_weight(self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                   trainable: bool | None = None, constraint: Any = None, use_resource: bool | None = None,
                   synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE,
                   partitioner: Any = None) -> Any:
        """The variable `name` in the layer's scope: a new one, or the one that is there where the layer or the scope reuses.

        initializer: None means the scope's, else Glorot's uniform. regularizer: its loss joins GraphKeys.REGULARIZATION_LOSSES when the
        variable is new. Raises ValueError as tf.get_variable does.
        """
        if synchronization is VariableSynchronization.ON_READ:
            if trainable:
                raise ValueError("Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables.")
            trainable = False
        trainable = (trainable is None or bool(trainable)) and self.trainable
        graph = context.default_graph()
        before = {id(v) for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES)}
        self._set_scope()
        with variable_scope(self._scope, reuse=self.built or self._reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with name_scope(scope.original_name_scope):
                variable = get_variable(name, shape, as_dtype(dtype or self._dtype or float32), initializer_of(initializer),
                                        trainable=trainable, constraint=constraint, partitioner=partitioner, use_resource=use_resource)
                if regularizer is not None and not any(id(v) in before for v in _parts(variable)):
                    self._regularize(name, variable, regularizer)
        learned = {id(v) for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
        home = self._trainable_weights if trainable and all(id(v) in learned for v in _parts(variable)) else self._non_trainable_weights
        if not any(v is variable for v in home):
            home.append(variable)
        return variable

    add_variable = add_weight

    def _regularize(self, name: str, variable: Any, regularizer: Any) -> None:
        for part in _parts(variable):
            with context.default_graph().colocate_with(part), name_scope(f"{name}/Regularizer"):
                loss = regularizer(part)
            if loss is not None:
                self._keep_loss(loss)

    def _keep_loss(self, loss: Any, of_inputs: bool = False) -> None:
        self._losses.append((loss, of_inputs))
        _collect([loss], GraphKeys.REGULARIZATION_LOSSES)

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds a loss tensor, or a list of them, to the layer's and to GraphKeys.REGULARIZATION_LOSSES."""
        for loss in nest.flatten(losses):
            if loss is not None:
                self._keep_loss(convert_to_tensor(loss() if callable(loss) else loss), inputs is not None)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds operations that the training step must run; after the call they are in GraphKeys.UPDATE_OPS."""
        for update in nest.flatten(updates):
            update = update() if callable(update) else update
            self._updates.append(update if isinstance(update, Operation) else update.op)

    # calling

    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of that shape; the base class has none."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for inputs; defined by subclasses."""
        return inputs

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The same as calling the layer."""
        return self(inputs, *args, **kwargs)

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            with variable_scope(self._base_name if scope is None else scope) as self._scope:
                return
        with variable_scope(scope, default_name=self._base_name) as self._scope:
            return

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for inputs (tensors, or what converts to them, nested or not); `scope` names the variable scope of the first call."""
        self._set_scope(kwargs.pop("scope", None))
        with variable_scope(self._scope, reuse=True if self.built else self._reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            if "scope" in inspect.signature(self.call).parameters:
                kwargs["scope"] = scope
            with name_scope(scope.original_name_scope):
                inputs = nest.map_structure(_as_input, inputs)
                check_inputs(self.input_spec, inputs, self.name)
                if not self.built:
                    self._build_for(inputs)
                outputs = self.call(inputs, *args, **kwargs)
                if outputs is None:
                    raise ValueError(f'The `call` of layer "{self.name}" returned None; it must return the output.')
                if self.activity_regularizer is not None:
                    self._regularize_activity(outputs)
        _collect(self.updates, GraphKeys.UPDATE_OPS)
        return outputs

    def _build_for(self, inputs: Any) -> None:
        tensors = [x for x in nest.flatten(inputs) if isinstance(x, Tensor)]
        if self._dtype is None and tensors:
            self._dtype = tensors[0].dtype.base_dtype.name
        sizes = nest.map_structure(lambda x: TensorShape(x.static), inputs)
        self.build(sizes)
        self.built = True
        check_inputs(self.input_spec, inputs, self.name)

    def _regularize_activity(self, outputs: Any) -> None:
        with name_scope("ActivityRegularizer"):
            for output in nest.flatten(outputs):
                loss = self.activity_regularizer(output)
                self._keep_loss(loss / cast(shape_internal(output)[0], loss.dtype), True)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A copy with lists of its own over the same variables and tensors."""
        twin = memo[id(self)] = type(self).__new__(type(self))
        for key, value in self.__dict__.items():
            kept = any(isinstance(leaf, (Tensor, Variable, Operation)) for leaf in nest.flatten(value))
            if kept or isinstance(value, VariableScope):
                twin.__dict__[key] = copy.copy(value) if isinstance(value, (list, dict, VariableScope)) else value
            else:
                twin.__dict__[key] = copy.deepcopy(value, memo)
        return twin


def _as_input(value: Any) -> Any:
    """A tensor for arrays and numbers; tensors, and what is no value (None, sparse tensors), as they are."""
    if value is None or isinstance(value, (Tensor, Operation)) or not _converts(value):
        return value
    return convert_to_tensor(value)


def _converts(value: Any) -> bool:
    return isinstance(value, (Variable, int, float, complex)) or hasattr(value, "__array__")


def _parts(variable: Any) -> list[Any]:
    """The slices of a partitioned variable, else the variable itself."""
    return [variable] if isinstance(variable, Variable) else list(variable)


def _collect(items: Any, key: str) -> None:
    """Adds items that are not there yet to a collection."""
    graph = context.default_graph()
    there = {id(x) for x in graph.get_collection(key)}
    for item in items:
        if id(item) not in there:
            graph.add_to_collection(key, item)
