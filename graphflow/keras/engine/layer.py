"""Layer: what all layers of tf.keras share. The layers of tf.layers lend them their arithmetic (`build` and `call`).

A call enters a name scope of the layer's name, makes the weights on the first call with `build`, and gives the outputs of `call`. Where all
inputs come from layers, the call is noted as a Node, so that a Model finds the graph of layers between its inputs and outputs.
"""
from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

import graphflow as tf

from ...core import context
from ...core.dtypes import as_dtype
from ...core.export import export
from ...layers.base import Layer as ScopedLayer
from ...layers.spec import check_inputs
from ...ops.scopes import name_scope
from ..backend.sessions import batch_get_value, batch_set_value
from ..backend.settings import floatx
from ..backend.state import of_graph, unique_name
from ..backend.symbolic import any_symbolic, keeps, symbolic
from ..initializers import named as initializers
from ..regularizers import norms as regularizers
from ..utils.objects import to_snake_case
from . import calls, history
from .node import Node, has_history
from .properties import LayerProperties
from .tracking import Tracked

_SHAPES = ("input_dim", "input_shape", "batch_input_shape", "batch_size", "weights", "activity_regularizer", "autocast", "implementation")


def is_default(method: Any) -> Any:
    """Marks a method of Layer that a subclass may put its own in place of."""
    method._is_default = True
    return method


@export("keras.layers.Layer")
class Layer(Tracked, LayerProperties, ScopedLayer):
    """Base class of layers: subclasses define `call(inputs)`, and `build(input_shape)` that makes weights by `add_weight`.

    dtype: of the weights, by default that of the first inputs. input_shape (or batch_input_shape, input_dim): what a first layer of a
    Sequential takes, without the batch.
    """

    if TYPE_CHECKING:      # `take` sets attributes by their names
        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, dynamic: bool = False, **kwargs: Any):
        for key in kwargs:
            if key not in _SHAPES:
                raise TypeError(f"Keyword argument not understood: {key!r}")
        self.__dict__["_attached"] = {}
        self._trainable, self.built, self.stateful = bool(trainable), False, False
        self._name = name or unique_name(to_snake_case(type(self).__name__), zero_based=True)
        self._dtype = None if dtype is None else as_dtype(getattr(dtype, "variable_dtype", dtype)).base_dtype.name
        self._dynamic = dynamic
        self._autocast = bool(kwargs.get("autocast", True))
        self.supports_masking: bool = getattr(type(self), "supports_masking", False)
        self.input_spec: Any = None
        self.activity_regularizer = regularizers.get(kwargs.pop("activity_regularizer", None))
        self._trainable_weights, self._non_trainable_weights = [], []
        self._losses: list[Any] = []                       # tensors, of one call each
        self._losses_now: list[Any] = []                   # those of the last call, eager or in a tf.function
        self._weight_losses: list[Any] = []                # functions that make the loss of a weight
        self._updates: list[Any] = []
        self._metrics: list[Any] = []
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []
        self._initial_weights = kwargs.get("weights")
        if "input_dim" in kwargs and "input_shape" not in kwargs:
            kwargs["input_shape"] = (kwargs["input_dim"],)
        if "batch_input_shape" in kwargs:
            self._batch_input_shape: Any = tuple(kwargs["batch_input_shape"])
        elif "input_shape" in kwargs:
            self._batch_input_shape = (kwargs.get("batch_size"), *tf.TensorShape(kwargs["input_shape"]).as_list())

    # -- weights ------------------------------------------------------------------------------------------------------
    def add_weight(self, name: Any = None, shape: Any = None, dtype: Any = None,  # type: ignore[override]
                   initializer: Any = None, regularizer: Any = None, trainable: Any = None, constraint: Any = None,
                   partitioner: Any = None, use_resource: Any = None, synchronization: Any = None, aggregation: Any = None,
                   **kwargs: Any) -> Any:
        """A new variable `name` of the layer. initializer: by default Glorot's uniform for floats, zeros for integers.

        regularizer: its loss counts to `losses`. trainable=False: an optimizer leaves it alone.
        """
        if not isinstance(name, (str, type(None))):      # the arguments of Keras 2.0: (shape, name)
            name, shape = shape, name
        for key in kwargs:
            if key not in ("getter", "collections", "experimental_autocast", "caching_device", "layout"):
                raise TypeError(f"Unknown keyword argument: {key}")
        kind = as_dtype(dtype or self._dtype or floatx()).base_dtype
        if self._dtype is None:
            self._dtype = kind.name
        if initializer is None:
            if not (kind.is_floating or kind.is_integer or kind.is_bool):
                raise ValueError(f"An initializer for variable {name} of type {kind} is required for layer {self.name}.")
            initializer = "glorot_uniform" if kind.is_floating else "zeros"
        sizes: Any = tf.TensorShape(shape or ()).as_list()
        maker = initializers.get(initializer)
        if synchronization is tf.VariableSynchronization.ON_READ:
            trainable = False
        collections = kwargs.get("collections")
        variable = tf.Variable(lambda: maker(sizes, dtype=kind), name=name, trainable=True if trainable is None else bool(trainable),
                               dtype=kind, constraint=constraint, use_resource=True if use_resource is None else use_resource,
                               synchronization=synchronization, aggregation=aggregation, collections=collections)
        if collections is not None:
            of_graph().loose_variables.append(variable)
        if regularizer is not None:
            self._weight_losses.append(functools.partial(_weight_loss, f"{name or 'weight'}/Regularizer", regularizer, variable))
        (self._trainable_weights if variable.trainable else self._non_trainable_weights).append(variable)
        return variable

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """The old name of add_weight."""
        return self.add_weight(*args, **kwargs)

    def get_weights(self) -> list[Any]:
        """The values of the weights, arrays."""
        return batch_get_value(self.weights)

    def set_weights(self, weights: Any) -> None:
        """Gives the weights these values; ValueError where number or shapes differ."""
        variables = self.weights
        if len(variables) != len(weights):
            raise ValueError(f'You called `set_weights(weights)` on layer "{self.name}" with a weight list of length {len(weights)}, but '
                             f"the layer was expecting {len(variables)} weights. Provided weights: {str(weights)[:50]}...")
        for variable, value in zip(variables, weights):
            if tuple(variable.shape.as_list()) != np.shape(value):
                raise ValueError(f"Layer {self.name} weight shape {tuple(variable.shape.as_list())} is not compatible with provided weight "
                                 f"shape {np.shape(value)}.")
        batch_set_value(zip(variables, weights))

    # -- calling ------------------------------------------------------------------------------------------------------
    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of that shape; the base class has none."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The outputs for inputs; defined by subclasses."""
        return inputs

    @is_default
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: that of the inputs where the layer supports masking."""
        if not self.supports_masking:
            if any(m is not None for m in tf.nest.flatten(mask)):
                raise TypeError(f"Layer {self.name} does not support masking, but was passed an input_mask: {mask}")
            return None
        return mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of that shape: by a call in a graph of its own, unless a subclass knows better."""
        with tf.Graph().as_default(), calls.entered(self, None):
            shapes = tf.nest.map_structure(tf.TensorShape, _as_shapes(input_shape))
            inputs = tf.nest.map_structure(lambda s: tf.placeholder(self._dtype or floatx(), s), shapes)
            if self.built and self.weights:
                raise NotImplementedError(f"Layer {self.name} has no compute_output_shape of its own: define one that gives the shape of "
                                          f"its output for {input_shape}.")
            outputs = self.call(inputs)
        return tf.nest.map_structure(lambda x: x.shape, outputs)

    @functools.cached_property
    def _call_parameters(self) -> Any:
        return inspect.signature(self.call).parameters

    def _takes(self, name: str) -> bool:
        """Whether `call` has this argument."""
        parameters = self._call_parameters
        return name in parameters or name == "training" and any(p.kind is p.VAR_KEYWORD for p in parameters.values()) and \
            getattr(self, "_passes_training", False)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The outputs of the layer for inputs: tensors, or what converts to them, nested or not."""
        if tf.executing_eagerly() and any_symbolic([inputs, args, kwargs]):
            with symbolic():
                return self._called(inputs, args, kwargs)
        return self._called(inputs, args, kwargs)

    def _called(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kept = keeps()
        if not kept and not calls.inside():
            self._forget_losses()
        inputs = tf.nest.map_structure(_as_tensor, inputs)
        if context.behavior.tensor_equality and self._autocast:
            inputs = self._cast(inputs)
        if kept:
            history.complete(inputs)
        masks = self._masks(inputs, args, kwargs)
        given = dict(kwargs)
        if masks is not None:
            kwargs["mask"] = masks
        if self._takes("training"):
            if self._argument("training", args, kwargs) is None and calls.training() is not None:
                kwargs["training"] = calls.training()
            training = self._argument("training", args, kwargs)
        else:
            training = calls.training()
        with calls.entered(self, training):
            check_inputs(self.input_spec, inputs, self.name)
            with self._scope_of_call():
                self._build_for(inputs)
                outputs = self.call(inputs, *args, **kwargs)
            if outputs is None:
                raise ValueError(f"A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: {self.name}).")
            if kept and has_history(inputs) and not getattr(self, "_leaves_no_node", False):
                outputs = tf.nest.map_structure(functools.partial(_own, {id(x) for x in tf.nest.flatten(inputs)}), outputs)
                Node(self, inputs, outputs, self._named(args, given))
            self._regularize_activity(outputs)
            self._set_masks(inputs, outputs, masks)
            self._after_call(inputs, outputs)
        return outputs

    def _cast(self, inputs: Any) -> Any:
        """Floating inputs in the layer's dtype, as TensorFlow 2 has it."""
        if self._dtype is None:
            self._dtype = floatx()
        own = as_dtype(self._dtype)
        if not own.is_floating:
            return inputs
        return tf.nest.map_structure(lambda x: tf.cast(x, own) if isinstance(x, tf.Tensor) and x.dtype.is_floating
                                     and x.dtype.base_dtype is not own else x, inputs)

    def _after_call(self, inputs: Any, outputs: Any) -> None:
        """For models, which learn their inputs and outputs from the first call."""

    @contextmanager
    def _scope_of_call(self) -> Iterator[None]:
        with name_scope(self.name):
            yield

    def _named(self, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """All arguments of a call after the inputs, by name."""
        names = list(self._call_parameters)[1:]
        return {**dict(zip(names, args)), **kwargs}

    def _argument(self, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        return self._named(args, kwargs).get(name)

    def _build_for(self, inputs: Any) -> None:
        if self.built:
            return
        tensors = [x for x in tf.nest.flatten(inputs) if hasattr(x, "dtype")]
        if self._dtype is None and tensors:
            dtype = tensors[0].dtype.base_dtype
            self._dtype = dtype.name if dtype.is_floating or dtype.is_complex else floatx()
        self.build(tf.nest.map_structure(lambda x: x.shape, inputs))
        self.built = True
        check_inputs(self.input_spec, inputs, self.name)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None

    def _regularize_activity(self, outputs: Any) -> None:
        if self.activity_regularizer is None:
            return
        with name_scope(f"{self.name}/ActivityRegularizer"):
            for output in tf.nest.flatten(outputs):
                loss = self.activity_regularizer(output)
                self.add_loss(loss / tf.cast(tf.shape(output)[0], loss.dtype.base_dtype), inputs=True)

    # -- masks --------------------------------------------------------------------------------------------------------
    def _masks(self, inputs: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """The masks of the inputs, nested as these; None where there are none, or `call` takes none, or one is given."""
        if not self._takes("mask") or self._argument("mask", args, kwargs) is not None:
            return None
        masks = tf.nest.map_structure(mask_of, inputs)
        return masks if any(m is not None for m in tf.nest.flatten(masks)) else None

    def _set_masks(self, inputs: Any, outputs: Any, masks: Any) -> None:
        flat = tf.nest.flatten(outputs)
        if getattr(self, "_sets_masks_itself", False) or all(mask_of(x) is not None for x in flat):
            return
        if not self.supports_masking and getattr(self.compute_mask, "_is_default", False):
            return
        if masks is None:
            masks = tf.nest.map_structure(mask_of, inputs)
        found = tf.nest.flatten(self.compute_mask(inputs, masks)) if self._wants_masks(masks) else [None] * len(flat)
        found = found if len(found) == len(flat) else [None] * len(flat)
        for x, mask in zip(flat, found):
            if mask is not None or mask_of(x) is not None:
                x._keras_mask = mask

    def _wants_masks(self, masks: Any) -> bool:
        return not getattr(self.compute_mask, "_is_default", False) or any(m is not None for m in tf.nest.flatten(masks))

    # -- configuration ------------------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values; subclasses add theirs."""
        names = list(inspect.signature(type(self).__init__).parameters)
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "_batch_input_shape"):
            config["batch_input_shape"] = self._batch_input_shape
        config["dtype"] = self._dtype
        if self._dynamic:
            config["dynamic"] = True
        extra = [n for n in names[1:] if n not in config and n not in ("args", "kwargs", "dynamic")]
        if extra and getattr(self.get_config, "_is_default", False):
            raise NotImplementedError(f"Layer {type(self).__name__} has arguments {extra} in `__init__` and therefore must override "
                                      "`get_config`: def get_config(self): return {**super().get_config(), "
                                      f"{', '.join(repr(n) + ': self.' + n for n in extra)}}}")
        return config
    get_config._is_default = True  # type: ignore[attr-defined]

    def _trackable_children(self) -> dict[str, Any]:
        """What checkpoints find below the layer: weights and layers by the names of attributes."""
        return dict(self._attached)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave."""
        return cls(**config)


def _weight_loss(scope: str, regularizer: Any, variable: Any) -> Any:
    with name_scope(scope):
        return regularizer(variable)


def mask_of(x: Any) -> Any:
    """The mask of a tensor: bool [batch, time], None where it has none."""
    return getattr(x, "_keras_mask", None)


def _as_tensor(value: Any) -> Any:
    return tf.convert_to_tensor(value) if isinstance(value, (np.ndarray, np.generic, int, float)) else value


def _own(inputs: set[int], x: Any) -> Any:
    """An output that is an input, behind an Identity, so that it has a history of its own."""
    if id(x) not in inputs:
        return x
    mask, x = mask_of(x), tf.identity(x)
    if mask is not None:
        x._keras_mask = mask
    return x


def _as_shapes(value: Any) -> Any:
    """A shape, or a list of them where the first is one itself."""
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple, tf.TensorShape)):
        return [tf.TensorShape(v) for v in value]
    return tf.TensorShape(value)
