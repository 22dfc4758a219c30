"""Wrapper, TimeDistributed and Bidirectional."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..engine.layer import Layer, mask_of
from ..utils.objects import has_arg


@export("keras.layers.Wrapper")
class Wrapper(Layer):
    """A layer around another one, `layer`."""

    def __init__(self, layer: Any, **kwargs: Any):
        if not isinstance(layer, Layer):
            raise ValueError(f"Layer {layer} supplied to Wrapper isn't a supported layer type. Please ensure wrapped layer is a valid "
                             "Keras "
                             "layer.")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.built = True

    @property
    def activity_regularizer(self) -> Any:
        """That of the layer inside."""
        return getattr(self.__dict__.get("layer"), "activity_regularizer", None)

    @activity_regularizer.setter
    def activity_regularizer(self, value: Any) -> None:
        """The layer inside has it."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": tf.keras.layers.serialize(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        layer = tf.keras.layers.deserialize(config.pop("layer"), custom_objects=custom_objects)
        return cls(layer, **config)


@export("keras.layers.TimeDistributed")
class TimeDistributed(Wrapper):
    """A layer on each time step: [batch, time, ...]."""

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        sizes = tf.TensorShape(input_shape).as_list()
        if len(sizes) < 3:
            raise ValueError("`TimeDistributed` Layer should be passed an `input_shape ` with at least 3 dimensions, received: "
                             f"{tuple(sizes)}")
        self.input_spec = tf.keras.layers.InputSpec(shape=[None, None, *sizes[2:]])
        given = self.layer._dtype
        self.layer._dtype = given or self._dtype
        super().build(tf.TensorShape([sizes[0], *sizes[2:]]))
        if not self.layer.weights:
            self.layer._dtype = given

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        known, sizes = inputs.static, tf.shape(inputs)
        arguments = {"training": training} if self.layer._takes("training") else {}
        flat = tf.reshape(inputs, tf.concat([[-1], sizes[2:]], 0))
        flat.set_shape([None if None in known[:2] else known[0] * known[1], *known[2:]])
        if mask is not None and self.layer._takes("mask"):
            arguments["mask"] = tf.reshape(mask, tf.concat([[-1], tf.shape(mask)[2:]], 0))
        found = self.layer.call(flat, **arguments)
        outputs = tf.reshape(found, tf.concat([sizes[:2], tf.shape(found)[1:]], 0))
        outputs.set_shape([*known[:2], *found.static[1:]])
        if getattr(self.layer, "activity_regularizer", None) is not None:
            self.add_loss(self.layer.activity_regularizer(found), inputs=True)
        return outputs

    def _regularize_activity(self, outputs: Any) -> None:
        """Done in call, as the layer inside would."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        inner = tf.TensorShape(self.layer.compute_output_shape(tf.TensorShape([sizes[0], *sizes[2:]]))).as_list()
        return tf.TensorShape([inner[0], sizes[1], *inner[1:]])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask


@export("keras.layers.Bidirectional")
class Bidirectional(Wrapper):
    """A recurrent layer forwards and a copy of it backwards. merge_mode: 'concat', 'sum', 'mul', 'ave', or None: a list of both."""
    _sets_masks_itself = True

    def __init__(self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None, **kwargs: Any):
        if not isinstance(layer, Layer):
            raise ValueError(f"Please initialize `Bidirectional` layer with a `tf.keras.layers.Layer` instance. Received: {layer}")
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise ValueError(f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of "
                             '{"sum", "mul", "ave", "concat", None}')
        if "name" not in kwargs:
            kwargs["name"] = None
        super().__init__(layer, **kwargs)
        config = layer.get_config()
        self.forward_layer = type(layer).from_config({**config, "name": f"forward_{layer.name}"})
        if backward_layer is None:
            self.backward_layer = type(layer).from_config({**config, "name": f"backward_{layer.name}",
                                                           "go_backwards": not config.get("go_backwards", False)})
        else:
            self.backward_layer = backward_layer
            self.backward_layer._name = f"backward_{backward_layer.name}"
        for copy in (self.forward_layer, self.backward_layer):
            if hasattr(copy, "zero_output_for_mask"):       # masked steps of sequences are zeros, else a copy would show the last one
                copy.zero_output_for_mask = copy.return_sequences
        self._attached.pop("layer", None)       # the two copies are what is trained
        self._has_own_backward = backward_layer is not None
        self.merge_mode = merge_mode
        self.return_sequences, self.return_state, self.stateful = layer.return_sequences, layer.return_state, layer.stateful
        self.supports_masking = True
        self._num_constants = 0
        if hasattr(layer, "_batch_input_shape"):
            self._batch_input_shape = layer._batch_input_shape
        if weights is not None:
            half = len(weights) // 2
            self.forward_layer._initial_weights, self.backward_layer._initial_weights = weights[:half], weights[half:]

    def build(self, input_shape: Any = None) -> None:
        self.built = True

    def __call__(self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any) -> Any:
        """The outputs; initial_state: tensors for the states, first those of the forward layer."""
        if isinstance(inputs, (list, tuple)) and len(inputs) > 1:
            inputs, initial_state = inputs[0], list(inputs[1:]) or initial_state
        if initial_state is None:
            return super().__call__(inputs, **kwargs)
        states = list(tf.nest.flatten(initial_state))
        if len(states) % 2:
            raise ValueError("When passing `initial_state` to a Bidirectional RNN, the state should be a list containing the states of the "
                             f"underlying RNNs. Received: {initial_state}")
        return super().__call__([inputs, *states], **kwargs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        states: list[Any] = []
        if isinstance(inputs, (list, tuple)):
            inputs, states = inputs[0], list(inputs[1:])
        arguments: dict[str, Any] = {}
        if has_arg(self.layer.call, "training"):
            arguments["training"] = training
        if has_arg(self.layer.call, "mask"):
            arguments["mask"] = mask[0] if isinstance(mask, (list, tuple)) else mask
        half = len(states) // 2
        first = self.forward_layer(inputs, **arguments, **({"initial_state": states[:half]} if states else {}))
        second = self.backward_layer(inputs, **arguments, **({"initial_state": states[half:]} if states else {}))
        more: list[Any] = []
        if self.return_state:
            more = [*first[1:], *second[1:]]
            first, second = first[0], second[0]
        its_mask = mask_of(first)
        if self.return_sequences:
            second = tf.reverse(second, [1])
        if self.merge_mode == "concat":
            output: Any = tf.concat([first, second], axis=-1)
        elif self.merge_mode == "sum":
            output = first + second
        elif self.merge_mode == "ave":
            output = (first + second) / 2
        elif self.merge_mode == "mul":
            output = first * second
        else:
            output = [first, second]
        if its_mask is not None:
            for x in tf.nest.flatten(output):
                x._keras_mask = its_mask
        if not more:
            return output
        return [*output, *more] if isinstance(output, list) else [output, *more]

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = self.forward_layer.compute_output_shape(input_shape)
        states = shape[1:] if self.return_state else []
        output: Any = tf.TensorShape(shape[0] if self.return_state else shape).as_list()
        found = tf.TensorShape([*output[:-1], output[-1] * 2] if self.merge_mode == "concat" else output)
        ends = [found, found] if self.merge_mode is None else [found]
        whole = [*ends, *states, *states]
        return whole if len(whole) > 1 else found

    def reset_states(self) -> None:
        """Sets the states of both layers to zeros."""
        self.forward_layer.reset_states()
        self.backward_layer.reset_states()

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "merge_mode": self.merge_mode}
        if self._has_own_backward:
            config["backward_layer"] = tf.keras.layers.serialize(self.backward_layer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        config.pop("num_constants", None)
        if config.get("backward_layer") is not None:
            config["backward_layer"] = tf.keras.layers.deserialize(config["backward_layer"], custom_objects=custom_objects)
        return super().from_config(config, custom_objects)
