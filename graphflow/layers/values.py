"""What a layer is as plain values: its weights as arrays, its arguments as a dictionary."""
from __future__ import annotations

import inspect
from typing import Any, ClassVar

import numpy as np

from ..core import context, nest
from ..core.tensor_shape import TensorShape
from ..core.type_specs import TensorSpec


class LayerValues:
    """The part of Layer that gives and takes plain values, as Keras's layers do."""

    _name: str
    _dtype: str | None
    trainable: bool
    unlisted: ClassVar[frozenset[str]] = frozenset()     # arguments that `get_config` leaves out

    @property
    def weights(self) -> list[Any]:
        raise NotImplementedError

    def get_weights(self) -> list[Any]:
        """The weights' values in the default session, arrays in the order of `weights`; RuntimeError where there is no session."""
        if context.default_graph().shared.eager:
            return [v.numpy() for v in self.weights]
        found: list[Any] = self._session("get_weights").run(self.weights)
        return found

    def set_weights(self, weights: Any) -> None:
        """Gives the weights these values in the default session; ValueError where number or shapes differ, and nothing changes then."""
        variables, values = self.weights, [np.asarray(value) for value in weights]
        if len(variables) != len(values):
            raise ValueError(f"layer {self._name!r} has {len(variables)} weights {[v.name for v in variables]}, not {len(values)}: give "
                             "set_weights one array for each, in that order")
        for variable, value in zip(variables, values):
            if not TensorShape(variable.static).is_compatible_with(value.shape):
                raise ValueError(f"{variable.name} of layer {self._name!r} has shape {variable.static}, the value for it {value.shape}")
        if context.default_graph().shared.eager:
            for variable, value in zip(variables, values):
                variable.assign(value)
            return
        session = self._session("set_weights")
        for variable, value in zip(variables, values):
            variable.load(value, session)

    def _session(self, what: str) -> Any:
        session = context.default_session()
        if session is None:
            raise RuntimeError(f"{what} of layer {self._name!r} needs a session, which holds the values of variables: call it inside of "
                               "`with tf.Session():`, after they have been initialized")
        return session

    def get_config(self) -> dict[str, Any]:
        """The arguments that make such a layer: names for activations, {'class_name', 'config'} for objects that have a config.

        Raises NotImplementedError where a class of the program's own does not keep an argument as an attribute of that name.
        """
        config: dict[str, Any] = {"name": self._name, "trainable": self.trainable, "dtype": self._dtype}
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            if name in ("self", *config, *self.unlisted) or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            kept = next((key for key in (name, f"_{name}") if hasattr(self, key)), None)
            if kept is None:
                raise NotImplementedError(f"{type(self).__name__} does not keep its argument {name!r}: define get_config in it, or assign "
                                          f"self.{name}")
            value = plain(getattr(self, kept))
            config[name] = "linear" if name == "activation" and value is None else value
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer of the arguments that `get_config` gave."""
        return cls(**config)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: that of the inputs."""
        return mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for inputs of that shape, where the layer knows it."""
        raise NotImplementedError(f"{type(self).__name__} does not define compute_output_shape")

    def compute_output_signature(self, input_signature: Any) -> Any:
        """The tf.TensorSpec of the outputs for inputs of that tf.TensorSpec, both maybe nested."""
        first = nest.flatten(input_signature)[0]
        shape = self.compute_output_shape(nest.map_structure(lambda spec: spec.shape, input_signature))
        sizes = shape if isinstance(shape, TensorShape) or not nest.is_nested(shape) else list(shape)
        return TensorSpec(sizes, self._dtype or first.dtype)


def plain(value: Any) -> Any:
    """An argument as a plain value: the name of a function, class and arguments of an object that has `get_config`."""
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value) if type(value) in (list, tuple) else value
    return getattr(value, "__name__", value)
