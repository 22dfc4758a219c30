"""Layers of tf.keras whose defaults are others in TensorFlow 2."""
from __future__ import annotations

from typing import Any

from graphflow.keras.layers import cells, recurrent


class LSTMCell(cells.LSTMCell):
    """One step of long short-term memory; the gates' activation is the sigmoid."""

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", *args: Any, **kwargs: Any):
        super().__init__(units, activation, recurrent_activation, *args, **kwargs)


class GRUCell(cells.GRUCell):
    """One step of gated recurrent units; the gates' activation is the sigmoid, the reset gate acts after the product."""

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", *args: Any, **kwargs: Any):
        super().__init__(units, activation, recurrent_activation, *args, **{"reset_after": True, **kwargs})


class LSTM(recurrent.LSTM):
    """Long short-term memory along time; the gates' activation is the sigmoid."""
    cell_class = LSTMCell


class GRU(recurrent.GRU):
    """Gated recurrent units along time; the gates' activation is the sigmoid, the reset gate acts after the product."""
    cell_class = GRUCell


OWN = {"layers.LSTM": LSTM, "layers.GRU": GRU, "layers.LSTMCell": LSTMCell, "layers.GRUCell": GRUCell}
