"""The cells of `tf.nn.rnn_cell`: plain, GRU and LSTM."""
from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.constant import constant
from ..core.dtypes import int32
from ..core.export import export
from ..layers.arguments import activation_of, initializer_of
from ..layers.spec import InputSpec
from ..ops.array.joining import concat, split
from ..ops.array.slice import slice
from ..ops.elementwise.binary import add, multiply
from ..ops.elementwise.clip import clip_by_value
from ..ops.elementwise.unary import sigmoid, tanh
from ..ops.linalg.matmul import matmul
from ..ops.nn.bias import bias_add
from ..variables.initializers import Constant, Zeros
from ..variables.partitioned import fixed_size_partitioner
from .cell import LSTMStateTuple, RNNCell


class GateCell(RNNCell):
    """What the cells share: a number of units, an activation, products of [inputs, h]."""

    opens_no_scope = True

    def __init__(self, num_units: int, activation: Any, reuse: Any, name: Any, dtype: Any, **kwargs: Any):
        super().__init__(name=name, dtype=dtype, _reuse=reuse, **kwargs)
        self._num_units, self._activation = num_units, activation_of(activation) or tanh
        self.input_spec = InputSpec(ndim=2)

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units

    def depth_of(self, inputs_shape: Any) -> int:
        """The size of the inputs; ValueError when the graph does not say."""
        known = shapes.as_tuple(inputs_shape)
        if not known or known[-1] is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, received shape: {known}. Give the placeholder that size.")
        return known[-1]


@export("nn.rnn_cell.BasicRNNCell", "contrib.rnn.BasicRNNCell")
class BasicRNNCell(GateCell):
    """activation([inputs, state] kernel + bias), which is also the new state."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, name: Any = None, dtype: Any = None, **kwargs: Any):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, inputs_shape: Any) -> None:
        self._kernel = self.add_weight("kernel", [self.depth_of(inputs_shape) + self._num_units, self._num_units])
        self._bias = self.add_weight("bias", [self._num_units], initializer=Zeros(self._dtype or "float32"))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        output = self._activation(bias_add(matmul(concat([inputs, state], 1), self._kernel), self._bias))
        return output, output


@export("nn.rnn_cell.GRUCell", "contrib.rnn.GRUCell")
class GRUCell(GateCell):
    """Gated recurrent unit. K. Cho and others, "Learning phrase representations using RNN encoder-decoder", 2014."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
                 bias_initializer: Any = None, name: Any = None, dtype: Any = None, **kwargs: Any):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer, self._bias_initializer = initializer_of(kernel_initializer), initializer_of(bias_initializer)

    def build(self, inputs_shape: Any) -> None:
        n, rows, dtype = self._num_units, self.depth_of(inputs_shape) + self._num_units, self._dtype or "float32"
        bias = self._bias_initializer
        self._gate_kernel = self.add_weight("gates/kernel", [rows, 2 * n], initializer=self._kernel_initializer)
        self._gate_bias = self.add_weight("gates/bias", [2 * n], initializer=bias if bias is not None else Constant(1.0, dtype=dtype))
        self._candidate_kernel = self.add_weight("candidate/kernel", [rows, n], initializer=self._kernel_initializer)
        self._candidate_bias = self.add_weight("candidate/bias", [n], initializer=bias if bias is not None else Zeros(dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        gates = sigmoid(bias_add(matmul(concat([inputs, state], 1), self._gate_kernel), self._gate_bias))
        reset, update = split(value=gates, num_or_size_splits=2, axis=1)
        candidate = bias_add(matmul(concat([inputs, reset * state], 1), self._candidate_kernel), self._candidate_bias)
        candidate = self._activation(candidate)
        output = update * state + (1 - update) * candidate
        return output, output


@export("nn.rnn_cell.BasicLSTMCell", "contrib.rnn.BasicLSTMCell")
class BasicLSTMCell(GateCell):
    """Long short-term memory. W. Zaremba and others, "Recurrent neural network regularization", 2014; forget_bias is added to the
    forget gate, so that a new cell remembers."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Any = None, reuse: Any = None,
                 name: Any = None, dtype: Any = None, **kwargs: Any):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units) if self._state_is_tuple else 2 * self._num_units

    def build(self, inputs_shape: Any) -> None:
        rows = self.depth_of(inputs_shape) + self._num_units
        self._kernel = self.add_weight("kernel", [rows, 4 * self._num_units])
        self._bias = self.add_weight("bias", [4 * self._num_units], initializer=Zeros(self._dtype or "float32"))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        one = constant(1, int32)
        c, h = state if self._state_is_tuple else split(value=state, num_or_size_splits=2, axis=one)
        gates = bias_add(matmul(concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=one)     # input gate, new input, forget gate, output gate
        bias = constant(self._forget_bias, f.dtype)
        c = add(multiply(c, sigmoid(add(f, bias))), multiply(sigmoid(i), self._activation(j)))
        h = multiply(self._activation(c), sigmoid(o))
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else concat([c, h], 1)


@export("nn.rnn_cell.LSTMCell", "contrib.rnn.LSTMCell")
class LSTMCell(GateCell):
    """Long short-term memory with peepholes, clipping and a projection of the output. H. Sak and others, "Long short-term memory
    recurrent neural network architectures for large scale acoustic modeling", 2014."""

    def __init__(self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None, initializer: Any = None,
                 num_proj: int | None = None, proj_clip: float | None = None, num_unit_shards: int | None = None,
                 num_proj_shards: int | None = None, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Any = None,
                 reuse: Any = None, name: Any = None, dtype: Any = None, **kwargs: Any):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes, self._cell_clip, self._initializer = use_peepholes, cell_clip, initializer_of(initializer)
        self._num_proj, self._proj_clip = num_proj, proj_clip
        self._num_unit_shards, self._num_proj_shards = num_unit_shards, num_proj_shards
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple

    @property
    def state_size(self) -> Any:
        output = self._num_proj or self._num_units
        return LSTMStateTuple(self._num_units, output) if self._state_is_tuple else self._num_units + output

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def build(self, inputs_shape: Any) -> None:
        n, start = self._num_units, self._initializer
        units = None if self._num_unit_shards is None else fixed_size_partitioner(self._num_unit_shards)
        rows = self.depth_of(inputs_shape) + self.output_size
        self._kernel = self.add_weight("kernel", [rows, 4 * n], initializer=start, partitioner=units)
        self._bias = self.add_weight("bias", [4 * n], initializer=Zeros(self._dtype or "float32"))
        self._peepholes = [self.add_weight(f"w_{gate}_diag", [n], initializer=start) for gate in "fio"] if self._use_peepholes else None
        self._projection = None
        if self._num_proj is not None:
            parts = None if self._num_proj_shards is None else fixed_size_partitioner(self._num_proj_shards)
            self._projection = self.add_weight("projection/kernel", [n, self._num_proj], initializer=start, partitioner=parts)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        n = self._num_units
        if self._state_is_tuple:
            before, h = state
        else:
            before, h = slice(state, [0, 0], [-1, n]), slice(state, [0, n], [-1, self.output_size])
        gates = bias_add(matmul(concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=1)     # input gate, new input, forget gate, output gate
        if self._peepholes is not None:
            of_forget, of_input, of_output = self._peepholes
            c = (sigmoid(f + self._forget_bias + of_forget * before) * before
                 + sigmoid(i + of_input * before) * self._activation(j))
        else:
            c = sigmoid(f + self._forget_bias) * before + sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = clip_by_value(c, -self._cell_clip, self._cell_clip)
        gate = sigmoid(o) if self._peepholes is None else sigmoid(o + of_output * c)
        h = gate * self._activation(c)
        if self._projection is not None:
            h = matmul(h, self._projection)
            if self._proj_clip is not None:
                h = clip_by_value(h, -self._proj_clip, self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else concat([c, h], 1)
