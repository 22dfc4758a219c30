"""Contrib's gated cells: NAS, UGRNN, block cells, and an LSTM with layer normalisation."""
from __future__ import annotations

from typing import Any

from ..core.convert import convert_to_tensor
from ..core.export import export
from ..layers.arguments import initializer_of
from ..ops.array.joining import split
from ..ops.elementwise.binary import squared_difference
from ..ops.elementwise.unary import rsqrt, sigmoid, tanh
from ..ops.linalg.matmul import matmul
from ..ops.nn.activations import relu
from ..ops.nn.bias import bias_add
from ..ops.nn.dropout import dropout
from ..ops.reduce.reduction import reduce_mean
from ..variables.get import get_variable
from ..variables.initializers import Constant, Zeros
from ..variables.scope import variable_scope
from .cell import LSTMStateTuple
from .cells import GateCell, GRUCell, LSTMCell
from .linear import linear


@export("contrib.rnn.NASCell")
class NASCell(GateCell):
    """The cell that a search found (Zoph and Le 2017, arXiv:1611.01578, figure 8), its output projected to num_proj if given."""

    def __init__(self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None, **kwargs: Any):
        super().__init__(num_units, None, reuse, kwargs.pop("name", None), kwargs.pop("dtype", None), **kwargs)
        self._num_proj, self._use_bias = num_proj, use_bias

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def output_size(self) -> Any:
        return self._num_units if self._num_proj is None else self._num_proj

    def build(self, inputs_shape: Any) -> None:
        n = self._num_units
        self._recurrent_kernel = self.add_weight("recurrent_kernel", [self.output_size, 8 * n])
        self._kernel = self.add_weight("kernel", [self.depth_of(inputs_shape), 8 * n])
        self._bias = self.add_weight("bias", [8 * n], initializer=Zeros(self._dtype or "float32")) if self._use_bias else None
        self._projection = self.add_weight("projection_weights", [n, self._num_proj]) if self._num_proj is not None else None
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        c, m = state
        before = matmul(m, self._recurrent_kernel)
        if self._bias is not None:
            before = bias_add(before, self._bias)
        x, h = split(matmul(inputs, self._kernel), 8, 1), split(before, 8, 1)
        first = [sigmoid(x[0] + h[0]), relu(x[1] + h[1]), sigmoid(x[2] + h[2]), relu(x[3] * h[3]),
                 tanh(x[4] + h[4]), sigmoid(x[5] + h[5]), tanh(x[6] + h[6]), sigmoid(x[7] + h[7])]
        held = tanh(tanh(first[0] * first[1]) + c)
        c = held * tanh(first[2] + first[3])
        m = tanh(c * tanh(tanh(first[4] * first[5]) + sigmoid(first[6] + first[7])))
        if self._projection is not None:
            m = matmul(m, self._projection)
        return m, LSTMStateTuple(c, m)


@export("contrib.rnn.UGRNNCell")
class UGRNNCell(GateCell):
    """Update gate RNN (Collins, Sohl-Dickstein and Sussillo 2017, arXiv:1611.09913): g state + (1 - g) candidate."""

    def __init__(self, num_units: int, initializer: Any = None, forget_bias: float = 1.0, activation: Any = tanh, reuse: Any = None):
        super().__init__(num_units, activation, reuse, None, None)
        self._initializer, self._forget_bias = initializer_of(initializer), forget_bias

    def call(self, inputs: Any, state: Any) -> Any:
        gate, candidate = split(linear([inputs, state], 2 * self._num_units, initializer=self._initializer), 2, 1)
        gate = sigmoid(gate + self._forget_bias)
        state = gate * state + (1.0 - gate) * self._activation(candidate)
        return state, state


@export("contrib.rnn.LSTMBlockCell")
class LSTMBlockCell(LSTMCell):
    """TF1's LSTM in one operation: here an LSTMCell with the same variables and values. cell_clip 0 or None: no clipping."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None, use_peephole: bool = False,
                 dtype: Any = None, reuse: Any = None, name: str = "lstm_cell"):
        super().__init__(num_units, use_peephole, cell_clip if cell_clip and cell_clip > 0 else None, forget_bias=forget_bias,
                         reuse=reuse, name=name, dtype=dtype)


@export("contrib.rnn.GRUBlockCellV2")
class GRUBlockCellV2(GRUCell):
    """TF1's GRU in one operation: here a GRUCell with the same variables and values."""

    def __init__(self, num_units: int | None = None, cell_size: int | None = None, reuse: Any = None, name: str = "gru_cell"):
        units = num_units if num_units is not None else cell_size
        if units is None:
            raise ValueError("num_units is required, or its old name cell_size")
        super().__init__(units, reuse=reuse, name=name)


@export("contrib.rnn.GRUBlockCell")
class GRUBlockCell(GRUBlockCellV2):
    """As GRUBlockCellV2, with the variable names of older checkpoints: w_ru, b_ru, w_c, b_c."""

    def build(self, inputs_shape: Any) -> None:
        n, rows, dtype = self._num_units, self.depth_of(inputs_shape) + self._num_units, self._dtype or "float32"
        self._gate_kernel = self.add_weight("w_ru", [rows, 2 * n])
        self._gate_bias = self.add_weight("b_ru", [2 * n], initializer=Constant(1.0, dtype=dtype))
        self._candidate_kernel = self.add_weight("w_c", [rows, n])
        self._candidate_bias = self.add_weight("b_c", [n], initializer=Zeros(dtype))
        self.built = True


@export("contrib.rnn.LayerNormBasicLSTMCell")
class LayerNormBasicLSTMCell(GateCell):
    """LSTM whose gates and memory are normalised over the units (Ba, Kiros and Hinton 2016, arXiv:1607.06450), with dropout of what is
    written (Semeniuta, Severyn and Barth 2016, arXiv:1603.05118). Without layer_norm there is a bias. input_size is not used."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, input_size: Any = None, activation: Any = tanh, layer_norm: bool = True,
                 norm_gain: float = 1.0, norm_shift: float = 0.0, dropout_keep_prob: Any = 1.0, dropout_prob_seed: int | None = None,
                 reuse: Any = None):
        super().__init__(num_units, activation, reuse, None, None)
        self._forget_bias, self._layer_norm, self._gain, self._shift = forget_bias, layer_norm, norm_gain, norm_shift
        self._keep_prob, self._seed = dropout_keep_prob, dropout_prob_seed

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def _normed(self, x: Any, name: str) -> Any:
        if not self._layer_norm:
            return x
        with variable_scope(name):
            gamma = get_variable("gamma", [self._num_units], dtype=x.dtype.base_dtype, initializer=Constant(self._gain))
            beta = get_variable("beta", [self._num_units], dtype=x.dtype.base_dtype, initializer=Constant(self._shift))
            mean = reduce_mean(x, [1], keepdims=True)
            variance = reduce_mean(squared_difference(x, mean), [1], keepdims=True)
            return (x - mean) * rsqrt(variance + 1e-12) * gamma + beta

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state
        gates = linear([convert_to_tensor(inputs), h], 4 * self._num_units, bias=not self._layer_norm)
        parts = zip(split(gates, 4, 1), ("input", "transform", "forget", "output"), strict=True)
        i, j, f, o = [self._normed(part, name) for part, name in parts]
        written = self._activation(j)
        if not isinstance(self._keep_prob, (int, float)) or self._keep_prob < 1:
            written = dropout(written, self._keep_prob, seed=self._seed)
        c = self._normed(c * sigmoid(f + self._forget_bias) + sigmoid(i) * written, "state")
        h = self._activation(c) * sigmoid(o)
        return h, LSTMStateTuple(c, h)
