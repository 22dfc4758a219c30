"""ConvLSTM2D: long short-term memory whose products are convolutions. X. Shi and others, "Convolutional LSTM network", 2015."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers.arguments import padding_of, sizes_of
from ...layers.convolution import out_length
from ..backend.settings import data_format_of
from ..engine.layer import Layer
from . import cells
from .arguments import config_of
from .recurrent import RNN

_SHAPE = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")


class ConvLSTM2DCell(cells.Gated):
    """One step on images; gates i, f, c, o."""
    gates = 4

    def __init__(self, filters: int, kernel_size: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any, activation: Any,
                 recurrent_activation: Any, use_bias: bool, kernel_initializer: Any, recurrent_initializer: Any, bias_initializer: Any,
                 unit_forget_bias: bool, kernel_regularizer: Any, recurrent_regularizer: Any, bias_regularizer: Any,
                 kernel_constraint: Any, recurrent_constraint: Any, bias_constraint: Any, dropout: float, recurrent_dropout: float,
                 **kwargs: Any):
        super().__init__(filters, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
                         kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                         bias_constraint, dropout, recurrent_dropout, **kwargs)
        self.filters, self.unit_forget_bias = filters, unit_forget_bias
        self.kernel_size, self.strides = sizes_of(kernel_size, 2, "kernel_size"), sizes_of(strides, 2, "strides")
        self.dilation_rate = sizes_of(dilation_rate, 2, "dilation_rate")
        self.padding, self.data_format = padding_of(padding), data_format_of(data_format)
        self.state_size = (filters, filters)

    @property
    def _first(self) -> bool:
        return self.data_format == "channels_first"

    def build(self, input_shape: Any) -> None:
        channels = tf.TensorShape(input_shape).as_list()[1 if self._first else -1]
        if channels is None:
            raise ValueError(f"The channel dimension of the inputs (last axis) should be defined. Found None. Full input shape received: "
                             f"input_shape={input_shape}")
        self.kernel = self.add_weight("kernel", (*self.kernel_size, channels, 4 * self.filters), initializer=self.kernel_initializer,
                                      regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        self.recurrent_kernel = self.add_weight("recurrent_kernel", (*self.kernel_size, self.filters, 4 * self.filters),
                                                initializer=self.recurrent_initializer, regularizer=self.recurrent_regularizer,
                                                constraint=self.recurrent_constraint)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", (4 * self.filters,), initializer=self._forgetful if self.unit_forget_bias else
                                        self.bias_initializer, regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def _forgetful(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        n = self.filters
        return tf.concat([self.bias_initializer((n,), dtype=dtype), tf.ones((n,), dtype), self.bias_initializer((2 * n,), dtype=dtype)], 0)

    def _convolved(self, x: Any, kernel: Any, strides: Any, padding: str, dilation: Any) -> Any:
        return tf.keras.backend.conv2d(x, kernel, strides, padding, self.data_format, dilation)

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        before, carry = states
        xs = self.dropped(inputs, "x", self.dropout, 4, training)
        hs = self.dropped(before, "h", self.recurrent_dropout, 4, training)
        biases = [None] * 4 if self.bias is None else tf.split(self.bias, 4)
        kernels, recurrents = tf.split(self.kernel, 4, axis=3), tf.split(self.recurrent_kernel, 4, axis=3)
        parts = []
        for x, h, kernel, recurrent, bias in zip(xs, hs, kernels, recurrents, biases):
            own = self._convolved(x, kernel, self.strides, self.padding, self.dilation_rate)
            if bias is not None:
                own = tf.nn.bias_add(own, bias, data_format="NCHW" if self._first else "NHWC")
            parts.append(own + self._convolved(h, recurrent, (1, 1), "same", (1, 1)))
        i, f = self.recurrent_activation(parts[0]), self.recurrent_activation(parts[1])
        carry = f * carry + i * self.activation(parts[2])
        output = self.recurrent_activation(parts[3]) * self.activation(carry)
        return output, [output, carry]


@export("keras.layers.ConvLSTM2D")
class ConvLSTM2D(RNN):
    """Long short-term memory on images along time: [batch, time, rows, columns, channels] become [batch, rows', columns', filters],
    with return_sequences [batch, time, ...]."""

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
                 dilation_rate: Any = (1, 1), activation: Any = "tanh", recurrent_activation: Any = "hard_sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None, return_sequences: bool = False, go_backwards: bool = False,
                 stateful: bool = False, dropout: float = 0.0, recurrent_dropout: float = 0.0, **kwargs: Any):
        cell = ConvLSTM2DCell(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, recurrent_activation,
                              use_bias, kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias, kernel_regularizer,
                              recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
                              recurrent_dropout, dtype=kwargs.get("dtype"))
        if stateful:
            raise NotImplementedError("ConvLSTM2D(stateful=True): pass the states on yourself, by return_state=True and initial_state=.")
        super().__init__(cell, return_sequences, kwargs.pop("return_state", False), go_backwards, stateful,
                         activity_regularizer=activity_regularizer, **kwargs)
        self.input_spec = tf.keras.layers.InputSpec(ndim=5)

    _names_cell = False

    def __getattr__(self, name: str) -> Any:
        cell = self.__dict__.get("cell")
        if cell is not None and not name.startswith("_") and name in cell.__dict__:
            return getattr(cell, name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _space(self, sizes: list[Any]) -> list[Any]:
        cell = self.cell
        space = sizes[3:5] if cell._first else sizes[2:4]
        return [out_length(*each) for each in zip(space, cell.kernel_size, [cell.padding] * 2, cell.strides, cell.dilation_rate)]

    def get_initial_state(self, inputs: Any) -> Any:
        """Zeros for the states, of the shape of the outputs of a step."""
        cell = self.cell
        zeros = tf.zeros_like(inputs)[:, 0]
        kernel = tf.zeros((*cell.kernel_size, inputs.static[2 if cell._first else 4], cell.filters), inputs.dtype.base_dtype)
        state = cell._convolved(zeros, kernel, cell.strides, cell.padding, cell.dilation_rate)
        return [state, state]

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape[0] if isinstance(input_shape, list) else input_shape).as_list()
        space, filters = self._space(sizes), self.cell.filters
        rest = [filters, *space] if self.cell._first else [*space, filters]
        output = tf.TensorShape([*sizes[:2], *rest] if self.return_sequences else [sizes[0], *rest])
        return [output, *[tf.TensorShape([sizes[0], *rest])] * 2] if self.return_state else output

    def get_config(self) -> dict[str, Any]:
        own, cell = self._own_config(), self.cell
        layer = {key: own[key] for key in ("return_sequences", "return_state", "go_backwards", "stateful")}
        return {**Layer.get_config(self), **layer, **config_of(cell, *_SHAPE, "activation", "recurrent_activation", "use_bias",
                                                              *cells.NAMES[:3], "unit_forget_bias", *cells.NAMES[3:]),
                **config_of(self, "activity_regularizer"), **config_of(cell, *cells.CONSTRAINTS, "dropout", "recurrent_dropout")}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        return cls(**config)
