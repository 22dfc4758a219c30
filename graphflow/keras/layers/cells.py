"""Cells: one step of a recurrent layer."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.state import learning_phase
from ..engine.layer import Layer
from .arguments import config_of, take

NAMES = ("kernel_initializer", "recurrent_initializer", "bias_initializer", "kernel_regularizer", "recurrent_regularizer",
         "bias_regularizer")
CONSTRAINTS = ("kernel_constraint", "recurrent_constraint", "bias_constraint")


def zero_states(cell: Any, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
    """Zeros for the states of a cell."""
    if inputs is not None:
        batch_size, dtype = tf.shape(inputs)[0], inputs.dtype.base_dtype
    if batch_size is None or dtype is None:
        raise ValueError("batch_size and dtype cannot be None while constructing initial state.")

    def zeros(size: Any) -> Any:
        return tf.zeros(tf.stack([batch_size, *tf.TensorShape(size).as_list()]), dtype)
    size = cell.state_size
    return [zeros(s) for s in size] if isinstance(size, (list, tuple)) and not hasattr(size, "as_list") else zeros(size)


class Gated(Layer):
    """What the three cells share: weights kernel, recurrent_kernel and bias of `gates` times units columns, and dropout."""
    gates = 1

    def __init__(self, units: int, activation: Any, recurrent_activation: Any, use_bias: bool, kernel_initializer: Any,
                 recurrent_initializer: Any, bias_initializer: Any, kernel_regularizer: Any, recurrent_regularizer: Any,
                 bias_regularizer: Any, kernel_constraint: Any, recurrent_constraint: Any, bias_constraint: Any, dropout: float,
                 recurrent_dropout: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        take(self, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
             recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
             recurrent_regularizer=recurrent_regularizer, bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
             recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint)
        if recurrent_activation is not None:
            take(self, recurrent_activation=recurrent_activation)
        self.dropout, self.recurrent_dropout = min(1.0, max(0.0, dropout)), min(1.0, max(0.0, recurrent_dropout))
        self.state_size: Any = units
        self.output_size: Any = units
        self.implementation = kwargs.get("implementation", 1)
        self._drops: dict[str, Any] = {}

    def bias_shape(self) -> Any:
        """The shape of the bias."""
        return (self.units * self.gates,)

    def build(self, input_shape: Any) -> None:
        width = tf.TensorShape(input_shape).as_list()[-1]
        self.kernel = self.add_weight("kernel", (width, self.units * self.gates), initializer=self.kernel_initializer,
                                      regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        self.recurrent_kernel = self.add_weight("recurrent_kernel", (self.units, self.units * self.gates),
                                                initializer=self.recurrent_initializer, regularizer=self.recurrent_regularizer,
                                                constraint=self.recurrent_constraint)
        self.bias: Any = None
        if self.use_bias:
            self.bias = self.add_weight("bias", self.bias_shape(), initializer=self.first_bias(), regularizer=self.bias_regularizer,
                                        constraint=self.bias_constraint)
        self.built = True

    def first_bias(self) -> Any:
        """The bias's initializer."""
        return self.bias_initializer

    def forget_drops(self) -> None:
        """Before a sequence: what is dropped is drawn anew."""
        self._drops = {}

    def dropped(self, x: Any, kind: str, rate: float, count: int, training: Any) -> list[Any]:
        """x for each of `count` gates, each with its own dropout, the same at all steps of a sequence."""
        if rate == 0 or training is False or isinstance(training, int) and training == 0:
            return [x] * count
        if kind not in self._drops:
            phase = learning_phase() if training is None else training
            ones = tf.ones_like(x)
            self._drops[kind] = [tf.keras.backend.in_train_phase(lambda: tf.nn.dropout(ones, rate=rate), ones, phase) for _ in range(count)]
        return [x * mask for mask in self._drops[kind]]

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros for the states."""
        return zero_states(self, inputs, batch_size, dtype)

    def get_config(self) -> dict[str, Any]:
        activations = ("activation", "recurrent_activation") if hasattr(self, "recurrent_activation") else ("activation",)
        return {**super().get_config(), **config_of(self, "units", *activations, "use_bias", *NAMES, *CONSTRAINTS, "dropout",
                                                    "recurrent_dropout")}


@export("keras.layers.SimpleRNNCell")
class SimpleRNNCell(Gated):
    """h = activation(x kernel + h recurrent_kernel + bias)."""

    def __init__(self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0,
                 **kwargs: Any):
        super().__init__(units, activation, None, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer,
                         recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
                         recurrent_dropout, **kwargs)

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        before = states[0] if isinstance(states, (list, tuple)) else states
        x, = self.dropped(inputs, "x", self.dropout, 1, training)
        h, = self.dropped(before, "h", self.recurrent_dropout, 1, training)
        found = tf.matmul(x, self.kernel)
        if self.bias is not None:
            found = tf.nn.bias_add(found, self.bias)
        output = self.activation(found + tf.matmul(h, self.recurrent_kernel))
        return output, [output] if isinstance(states, (list, tuple)) else output


@export("keras.layers.GRUCell")
class GRUCell(Gated):
    """Gated recurrent unit (Cho and others, 2014); reset_after: the reset gate acts after the product with the recurrent kernel."""
    gates = 3

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "hard_sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, implementation: int = 1, reset_after: bool = False, **kwargs: Any):
        super().__init__(units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
                         kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                         bias_constraint, dropout, recurrent_dropout, **kwargs)
        self.implementation, self.reset_after = implementation, reset_after

    def bias_shape(self) -> Any:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        before = states[0] if isinstance(states, (list, tuple)) else states
        own, recurrent = (None, None) if self.bias is None else (self.bias, None) if not self.reset_after else tf.unstack(self.bias)
        units = self.units
        xs = self.dropped(inputs, "x", self.dropout, 3, training)
        hs = self.dropped(before, "h", self.recurrent_dropout, 3, training)
        if self.dropout:
            parts = [tf.matmul(x, k) for x, k in zip(xs, tf.split(tf.convert_to_tensor(self.kernel), 3, axis=1))]
            if own is not None:
                parts = [tf.nn.bias_add(p, b) for p, b in zip(parts, tf.split(tf.convert_to_tensor(own), 3))]
        else:
            whole = tf.matmul(inputs, self.kernel)
            parts = tf.split(whole if own is None else tf.nn.bias_add(whole, own), 3, axis=-1)
        table = self.recurrent_kernel
        if self.reset_after:
            inner = [tf.matmul(h, k) for h, k in zip(hs, tf.split(tf.convert_to_tensor(table), 3, axis=1))] if self.recurrent_dropout else \
                tf.split(tf.matmul(before, table), 3, axis=-1)
            if recurrent is not None:
                inner = [tf.nn.bias_add(p, b) for p, b in zip(inner, tf.split(recurrent, 3))]
            z = self.recurrent_activation(parts[0] + inner[0])
            r = self.recurrent_activation(parts[1] + inner[1])
            candidate = self.activation(parts[2] + r * inner[2])
        else:
            z = self.recurrent_activation(parts[0] + tf.matmul(hs[0], table[:, :units]))
            r = self.recurrent_activation(parts[1] + tf.matmul(hs[1], table[:, units:2 * units]))
            candidate = self.activation(parts[2] + tf.matmul(r * hs[2], table[:, 2 * units:]))
        h = z * before + (1 - z) * candidate
        return h, [h] if isinstance(states, (list, tuple)) else h

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "implementation": self.implementation, "reset_after": self.reset_after}


@export("keras.layers.LSTMCell")
class LSTMCell(Gated):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); unit_forget_bias: the bias of the forget gate begins with 1."""
    gates = 4

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "hard_sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None,
                 dropout: float = 0.0, recurrent_dropout: float = 0.0, implementation: int = 1, **kwargs: Any):
        super().__init__(units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
                         kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                         bias_constraint, dropout, recurrent_dropout, **kwargs)
        self.unit_forget_bias, self.implementation = unit_forget_bias, implementation
        self.state_size = [units, units]

    def first_bias(self) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def bias(shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
            return tf.concat([self.bias_initializer((self.units,), dtype=dtype), tf.ones((self.units,), dtype),
                              self.bias_initializer((self.units * 2,), dtype=dtype)], axis=0)
        return bias

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        hidden, carry = states
        xs = self.dropped(inputs, "x", self.dropout, 4, training)
        hs = self.dropped(hidden, "h", self.recurrent_dropout, 4, training)
        if self.dropout or self.recurrent_dropout:
            parts = [tf.matmul(x, k) for x, k in zip(xs, tf.split(tf.convert_to_tensor(self.kernel), 4, axis=1))]
            if self.bias is not None:
                parts = [tf.nn.bias_add(p, b) for p, b in zip(parts, tf.split(tf.convert_to_tensor(self.bias), 4))]
            parts = [p + tf.matmul(h, k) for p, h, k in zip(parts, hs, tf.split(tf.convert_to_tensor(self.recurrent_kernel), 4, axis=1))]
        else:
            whole = tf.matmul(inputs, self.kernel) + tf.matmul(hidden, self.recurrent_kernel)
            parts = tf.split(whole if self.bias is None else tf.nn.bias_add(whole, self.bias), 4, axis=1)
        i, f = self.recurrent_activation(parts[0]), self.recurrent_activation(parts[1])
        carry = f * carry + i * self.activation(parts[2])
        output = self.recurrent_activation(parts[3]) * self.activation(carry)
        return output, [output, carry]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        found: dict[str, Any] = {}
        for key, value in config.items():
            found[key] = value
            if key == "bias_initializer":
                found["unit_forget_bias"] = self.unit_forget_bias
        return {**found, "implementation": self.implementation}


@export("keras.layers.StackedRNNCells")
class StackedRNNCells(Layer):
    """Cells one upon the other, as one cell."""

    def __init__(self, cells: Any, **kwargs: Any):
        for cell in cells:
            if not hasattr(cell, "call") or not hasattr(cell, "state_size"):
                raise ValueError(f"All cells must have a `call` method and a `state_size`. Received cell without: {cell}")
        super().__init__(**kwargs)
        self.cells = list(cells)

    @property
    def state_size(self) -> Any:
        return tuple(cell.state_size for cell in self.cells)

    @property
    def output_size(self) -> Any:
        return getattr(self.cells[-1], "output_size", _first(self.cells[-1].state_size))

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros for the states of all cells."""
        if inputs is not None:
            batch_size, dtype = tf.shape(inputs)[0], inputs.dtype.base_dtype
        return tuple(zero_states(cell, None, batch_size, dtype) for cell in self.cells)

    def build(self, input_shape: Any) -> None:
        shape = tf.TensorShape(input_shape).as_list()
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                with tf.name_scope(cell.name):
                    cell.build(tf.TensorShape(shape))
                    cell.built = True
            shape = [shape[0], *tf.TensorShape(getattr(cell, "output_size", _first(cell.state_size))).as_list()]
        self.built = True

    def forget_drops(self) -> None:
        """Before a sequence."""
        for cell in self.cells:
            if hasattr(cell, "forget_drops"):
                cell.forget_drops()

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        found = []
        for cell, own in zip(self.cells, states):
            several = isinstance(own, (list, tuple))
            arguments = {"training": training} if isinstance(cell, Layer) and cell._takes("training") else {}
            inputs, own = cell.call(inputs, own if several else [own], **arguments)
            found.append(own if several or not isinstance(own, (list, tuple)) else own[0])
        return inputs, tuple(found)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [tf.keras.layers.serialize(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        cells = [tf.keras.layers.deserialize(cell, custom_objects=custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


def _first(size: Any) -> Any:
    return size[0] if isinstance(size, (list, tuple)) else size
