"""Contrib's wrappers around a cell: symbols embedded before it, inputs or outputs projected."""
from __future__ import annotations

import math
from typing import Any

from ..core import nest
from ..core.export import export
from ..layers.arguments import activation_of
from ..ops.array.basic import reshape
from ..ops.nn.embedding import embedding_lookup
from ..variables.get import get_variable
from ..variables.initializers import RandomUniform
from ..variables.scope import get_variable_scope
from .cell import RNNCell, check_cell
from .linear import linear


class _Around(RNNCell):
    """A cell with something before or behind it, in a scope of its own."""

    def __init__(self, cell: Any, reuse: Any = None):
        super().__init__(_reuse=reuse)
        check_cell("cell", cell)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The inner cell's."""
        return self._cell.zero_state(batch_size, dtype)


def _positive(what: str, size: int) -> int:
    if size < 1:
        raise ValueError(f"Parameter {what} must be > 0: {size}.")
    return size


@export("contrib.rnn.EmbeddingWrapper")
class EmbeddingWrapper(_Around):
    """A cell that reads symbols: integers [batch] or [batch, 1] below embedding_classes, as vectors of embedding_size.

    initializer: of the variable 'embedding'; else that of the scope, else uniform with variance 1.
    """

    def __init__(self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(f"Both embedding_classes and embedding_size must be > 0: {embedding_classes}, {embedding_size}.")
        self._sizes, self._initializer = [embedding_classes, embedding_size], initializer

    def call(self, inputs: Any, state: Any) -> Any:
        limit = math.sqrt(3)
        initializer = self._initializer or get_variable_scope().initializer or RandomUniform(-limit, limit)
        dtype = nest.flatten(state)[0].dtype.base_dtype
        embedding = get_variable("embedding", self._sizes, initializer=initializer, dtype=dtype)
        return self._cell(embedding_lookup(embedding, reshape(inputs, [-1])), state)


@export("contrib.rnn.InputProjectionWrapper")
class InputProjectionWrapper(_Around):
    """A cell that reads activation(inputs kernel + bias), [batch, num_proj]. input_size is not used, as in TF1."""

    def __init__(self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._num_proj, self._activation = num_proj, activation_of(activation)

    def call(self, inputs: Any, state: Any) -> Any:
        projected = linear(inputs, self._num_proj)
        return self._cell(self._activation(projected) if self._activation else projected, state)


@export("contrib.rnn.OutputProjectionWrapper")
class OutputProjectionWrapper(_Around):
    """A cell whose output is activation(output kernel + bias), [batch, output_size]. One product over all steps, after the loop, is
    faster where nothing reads a step's projection."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._output_size, self._activation = _positive("output_size", output_size), activation_of(activation)

    @property
    def output_size(self) -> Any:
        return self._output_size

    def call(self, inputs: Any, state: Any) -> Any:
        output, after = self._cell(inputs, state)
        projected = linear(output, self._output_size)
        return (self._activation(projected) if self._activation else projected), after
