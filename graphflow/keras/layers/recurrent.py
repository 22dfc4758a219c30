"""RNN, and the recurrent layers of the three cells."""
from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ..backend.recurrence import rnn
from ..backend.sessions import batch_set_value
from ..backend.state import of_graph
from ..engine.layer import Layer
from ..utils.objects import to_snake_case
from ..utils.signatures import bound
from . import cells as C


@export("keras.layers.RNN")
class RNN(Layer):
    """A cell along time: [batch, time, features] become [batch, units], with return_sequences [batch, time, units].

    return_state: [outputs, *states]. stateful: a batch begins with the states that the batch before ended with. cell: an object with
    `call(inputs, states)` -> (output, states) and `state_size`, or a list of them. Masked steps leave the states as they are.
    """

    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, unroll: bool = False, time_major: bool = False, **kwargs: Any):
        if isinstance(cell, (list, tuple)):
            cell = C.StackedRNNCells(cell)
        if not hasattr(cell, "call"):
            raise ValueError(f"Argument `cell` or RNN layer should have a `call` method. Received: cell={cell}")
        if not hasattr(cell, "state_size"):
            raise ValueError(f"The RNN cell should have a `state_size` attribute (tuple of integers, one integer per RNN state). Received: "
                             f"cell={cell}")
        self.zero_output_for_mask = kwargs.pop("zero_output_for_mask", False)
        super().__init__(**kwargs)
        self.cell, self.return_sequences, self.return_state, self.go_backwards = cell, return_sequences, return_state, go_backwards
        self.stateful, self.unroll, self.time_major = stateful, unroll, time_major
        self.supports_masking = True
        self._states: Any = None
        self._num_constants = 0

    @property
    def states(self) -> Any:
        """The variables of a stateful layer's states; None for each otherwise."""
        return [None] * len(tf.nest.flatten(self.cell.state_size)) if self._states is None else self._states

    def build(self, input_shape: Any) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        sizes = tf.TensorShape(shapes[0]).as_list()
        axis = 1 if self.time_major else 0
        self.input_spec = None
        if isinstance(self.cell, Layer) and not self.cell.built:
            if self.cell._dtype is None:
                self.cell._dtype = self._dtype
            with tf.name_scope(self.cell.name) if self._names_cell else _here():
                self.cell.build(tf.TensorShape([sizes[axis], *sizes[2:]]))
            self.cell.built = True
        if self.stateful:
            self.reset_states()
        self.built = True

    _names_cell = True

    def get_initial_state(self, inputs: Any) -> Any:
        """Zeros for the states."""
        first = tf.nest.flatten(inputs)[0]
        batch = tf.shape(first)[1 if self.time_major else 0]
        if hasattr(self.cell, "get_initial_state"):
            found = self.cell.get_initial_state(inputs=None, batch_size=batch, dtype=first.dtype.base_dtype)
        else:
            found = C.zero_states(self.cell, None, batch, first.dtype.base_dtype)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def __call__(self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any) -> Any:
        """The outputs; initial_state: tensors for the states, which may also follow the inputs in a list."""
        if isinstance(inputs, (list, tuple)):
            rest = list(inputs[1:])
            if self._num_constants and constants is None:
                rest, constants = rest[:-self._num_constants], rest[-self._num_constants:]
            inputs, initial_state = inputs[0], (rest or initial_state)
        states = tf.nest.flatten(initial_state) if initial_state is not None else []
        more = tf.nest.flatten(constants) if constants is not None else []
        self._num_constants = len(more)
        if not states and not more:
            return super().__call__(inputs, **kwargs)
        if all(isinstance(x, tf.Tensor) and hasattr(x, "_keras_history") for x in (*states, *more)):
            return super().__call__([inputs, *states, *more], **kwargs)
        return super().__call__(inputs, initial_state=initial_state, constants=constants, **kwargs)

    def call(self, inputs: Any, mask: Any = None, training: Any = None, initial_state: Any = None, constants: Any = None) -> Any:
        if isinstance(inputs, (list, tuple)):
            rest = list(inputs[1:])
            if self._num_constants:
                rest, constants = rest[:-self._num_constants], rest[-self._num_constants:]
            inputs, initial_state = inputs[0], (rest or None)
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        size = self.cell.state_size
        if hasattr(self.cell, "forget_drops"):
            self.cell.forget_drops()
        if initial_state is not None:
            states = list(tf.nest.flatten(initial_state))
        elif self.stateful:
            states = [tf.convert_to_tensor(s) for s in tf.nest.flatten(self._states)]
        else:
            states = list(tf.nest.flatten(self.get_initial_state(inputs)))
        if len(states) != len(tf.nest.flatten(size)):
            raise ValueError(f"Layer has {len(tf.nest.flatten(size))} states but was passed {len(states)} initial states.")
        form = size if isinstance(size, (list, tuple)) else [size]
        takes_training = isinstance(self.cell, Layer) and self.cell._takes("training")
        count = len(states)

        def step(x: Any, values: Any) -> Any:
            own = tf.nest.pack_sequence_as(_plain(form), list(values[:count]))
            arguments: dict[str, Any] = {"training": training} if takes_training else {}
            if len(values) > count:
                arguments["constants"] = list(values[count:])
            output, new = self.cell.call(x, own, **arguments)
            return output, list(tf.nest.flatten(new))

        last, outputs, new_states = rnn(step, inputs, states, self.go_backwards, mask, constants, self.unroll, None, self.time_major,
                                        self.zero_output_for_mask)
        if self.stateful:
            self.add_update([v.assign(s) for v, s in zip(tf.nest.flatten(self._states), new_states)])
        found = outputs if self.return_sequences else last
        return [found, *new_states] if self.return_state else found

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        found = mask if self.return_sequences else None
        return [found, *[None] * len(tf.nest.flatten(self.cell.state_size))] if self.return_state else found

    def compute_output_shape(self, input_shape: Any) -> Any:
        if isinstance(input_shape, list):
            input_shape = input_shape[0]
        sizes = tf.TensorShape(input_shape).as_list()
        size = getattr(self.cell, "output_size", None)
        width = tf.TensorShape(C._first(self.cell.state_size) if size is None else size).as_list()
        output = tf.TensorShape([*sizes[:2], *width] if self.return_sequences else [sizes[1 if self.time_major else 0], *width])
        if not self.return_state:
            return output
        return [output, *(tf.TensorShape([sizes[0], *tf.TensorShape(s).as_list()]) for s in tf.nest.flatten(self.cell.state_size))]

    def reset_states(self, states: Any = None) -> None:
        """Sets a stateful layer's states to zeros, or to these values."""
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        if self._states is None:
            batch = self._batch_size()
            self._states = [tf.Variable(tf.zeros([batch, *tf.TensorShape(s).as_list()], self._dtype or "float32"), trainable=False,
                                        use_resource=True, collections=[]) for s in tf.nest.flatten(self.cell.state_size)]
            of_graph().loose_variables.extend(self._states)
        values = [np.zeros(v.shape.as_list()) for v in self._states] if states is None else \
            list(states) if isinstance(states, (list, tuple)) else [states]
        if states is not None or self.built:
            batch_set_value(zip(self._states, values))

    def _batch_size(self) -> int:
        shape = getattr(self, "_batch_input_shape", None)
        batch = shape[0] if shape else None
        if batch is None and self._seen_batch is not None:
            batch = self._seen_batch
        if batch is None:
            raise ValueError("If a RNN is stateful, it needs to know its batch size. Specify the batch size of your input tensors: \n- If "
                             "using "
                             "a Sequential model, specify the batch size by passing a `batch_input_shape` argument to your first "
                             "layer.\n- If "
                             "using the functional API, specify the batch size by passing a `batch_shape` argument to your Input layer.")
        return int(batch)

    _seen_batch: Any = None

    def _build_for(self, inputs: Any) -> None:
        first = tf.nest.flatten(inputs)[0]
        self._seen_batch = first.static[1 if self.time_major else 0] if first.static else None
        super()._build_for(inputs)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), **self._own_config()}
        if self._num_constants:
            config["num_constants"] = self._num_constants
        if self.zero_output_for_mask:
            config["zero_output_for_mask"] = True
        return {**config, "cell": tf.keras.layers.serialize(self.cell)}

    def _own_config(self) -> dict[str, Any]:
        return {"return_sequences": self.return_sequences, "return_state": self.return_state, "go_backwards": self.go_backwards,
                "stateful": self.stateful, "unroll": self.unroll, "time_major": self.time_major}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        cell = tf.keras.layers.deserialize(config.pop("cell"), custom_objects=custom_objects)
        constants = config.pop("num_constants", 0)
        layer = cls(cell, **config)
        layer._num_constants = constants
        return layer


class _here:
    """No name scope of its own."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exception: object) -> None: ...


def _plain(form: Any) -> Any:
    """The nested form of state sizes, shapes as leaves."""
    return [_plain(f) if isinstance(f, (list, tuple)) else 0 for f in form]


def _cell_arguments(cell_class: Any) -> dict[str, inspect.Parameter]:
    """The arguments of a cell's constructor; where it hands *args to its base class, they are the base's, with its own defaults."""
    init = cell_class.__init__
    given = {p.name: p for p in inspect.signature(init).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD}
    if "args" not in inspect.signature(init).parameters:
        return given
    base = next(c for c in cell_class.__mro__[1:] if c.__init__ is not init)
    return {name: given.get(name, parameter) for name, parameter in _cell_arguments(base).items()}


def _with_cell_arguments(cell_class: Any) -> inspect.Signature:
    """(self, the cell's arguments, those of _OfCell, **kwargs), in TensorFlow's order."""
    own = inspect.signature(_OfCell.__init__).parameters
    found: dict[str, inspect.Parameter] = {}
    for name, parameter in _cell_arguments(cell_class).items():
        found[name] = parameter
        if name == "bias_regularizer":
            found["activity_regularizer"] = own["activity_regularizer"].replace(kind=parameter.kind)
    for name, parameter in own.items():
        if name not in found and name != "args":
            found[name] = parameter if name == "kwargs" else parameter.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Signature(list(found.values()))


class _OfCell(RNN):
    """A recurrent layer with a cell of one kind, whose arguments are the layer's."""
    cell_class: Any = None
    _names_cell = True

    def __init_subclass__(cls, **kwargs: Any):
        """Gives the constructor the cell's arguments by name."""
        super().__init_subclass__(**kwargs)
        if "cell_class" in vars(cls) and "__init__" not in vars(cls):
            signature = _with_cell_arguments(cls.cell_class)

            def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
                given = bound(signature, self, args, kwargs)
                _OfCell.__init__(self, **given.pop("kwargs", {}), **given)
            __init__.__signature__ = signature    # type: ignore[attr-defined]
            cls.__init__ = __init__    # type: ignore[method-assign]

    def __init__(self, units: int, *args: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
                 stateful: bool = False, unroll: bool = False, time_major: bool = False, activity_regularizer: Any = None, **kwargs: Any):
        names = ("name", "input_shape", "batch_input_shape", "input_dim", "batch_size", "weights", "trainable", "input_length",
                 "zero_output_for_mask")
        own = {key: kwargs.pop(key) for key in names if key in kwargs}
        if "input_dim" in own and "input_shape" not in own:
            own["input_shape"] = (own.pop("input_length", None), own.pop("input_dim"))
        own.pop("input_length", None)
        cell = self.cell_class(units, *args, name=to_snake_case(self.cell_class.__name__), **kwargs)
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll, time_major, dtype=kwargs.get("dtype"),
                         activity_regularizer=activity_regularizer, **own)

    def __getattr__(self, name: str) -> Any:
        cell = self.__dict__.get("cell")
        if cell is not None and not name.startswith("_") and name in cell.__dict__:
            return getattr(cell, name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def get_config(self) -> dict[str, Any]:
        base = Layer.get_config(self)
        inner = {key: value for key, value in self.cell.get_config().items() if key not in ("name", "trainable", "dtype")}
        own = self._own_config()
        if self.zero_output_for_mask:
            own["zero_output_for_mask"] = True
        found = {**base, **own}
        for key, value in inner.items():
            found[key] = value
            if key == "bias_regularizer":
                found["activity_regularizer"] = tf.keras.regularizers.serialize(self.activity_regularizer)
        return found

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        config = {key: value for key, value in config.items() if not (key == "implementation" and value == 0)}
        return cls(**config)


@export("keras.layers.SimpleRNN")
class SimpleRNN(_OfCell):
    """h = activation(x kernel + h recurrent_kernel + bias) along time."""
    cell_class = C.SimpleRNNCell


@export("keras.layers.GRU")
class GRU(_OfCell):
    """Gated recurrent units along time."""
    cell_class = C.GRUCell


@export("keras.layers.LSTM")
class LSTM(_OfCell):
    """Long short-term memory along time."""
    cell_class = C.LSTMCell


@export("keras.layers.CuDNNGRU")
class CuDNNGRU(_OfCell):
    """The GRU of cuDNN: activation tanh, recurrent activation sigmoid, reset after the product."""
    cell_class = C.GRUCell

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(units, recurrent_activation="sigmoid", reset_after=True, **kwargs)


@export("keras.layers.CuDNNLSTM")
class CuDNNLSTM(_OfCell):
    """The LSTM of cuDNN: activation tanh, recurrent activation sigmoid."""
    cell_class = C.LSTMCell

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(units, recurrent_activation="sigmoid", **kwargs)
