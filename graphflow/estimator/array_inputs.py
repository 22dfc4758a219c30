"""tf.estimator.inputs: input functions of numpy arrays and of pandas' frames."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.export import export
from .feeding import enqueue_data


def _check_shuffle(shuffle: Any) -> None:
    if not isinstance(shuffle, bool):
        raise ValueError(f"shuffle must be provided, as True (for training) or False (to keep the order), not as {shuffle}")


def _batch(queue: Any, batch_size: int, num_epochs: int | None) -> list[Any]:
    """The columns of the next batch; the last one of the last epoch may be smaller."""
    batch = queue.dequeue_many(batch_size) if num_epochs is None else queue.dequeue_up_to(batch_size)
    return list(batch)[1:]      # without the row's number


@export("estimator.inputs.numpy_input_fn", "contrib.learn.io.numpy_input_fn")
def numpy_input_fn(x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: Any = None,
                   queue_capacity: int = 1000, num_threads: int = 1) -> Callable[[], Any]:
    """A function that gives (features, targets) of the next batch of rows, as tensors in the form of x and y; features alone without y.

    x: array or {name: array}; y: array, {name: array} or None, of as many rows. num_epochs: None for no end. shuffle: True or False must be
    said. ValueError for unequal lengths, no arrays, a name in both; TypeError where x is neither array nor dict.
    """
    _check_shuffle(shuffle)

    def input_fn() -> Any:
        if not isinstance(x, (dict, np.ndarray)):
            raise TypeError(f"x must be a dict or array; got {type(x).__name__}")
        if isinstance(x, dict) and not x:
            raise ValueError("x cannot be an empty dict")
        if isinstance(x, np.ndarray) and x.size == 0:
            raise ValueError("x cannot be an empty array")
        if isinstance(y, dict) and not y:
            raise ValueError("y cannot be empty dict, use None instead.")
        inputs = dict(sorted(x.items())) if isinstance(x, dict) else {"x": x}
        targets = {} if y is None else dict(sorted(y.items())) if isinstance(y, dict) else {"y": y}
        both = set(inputs) & set(targets) if isinstance(y, dict) else ()
        if both:
            raise ValueError(f"{len(both)} duplicate keys in x and y: {set(both)}")
        columns = {**{(0, name): value for name, value in inputs.items()}, **{(1, name): value for name, value in targets.items()}}
        _check_lengths(inputs, targets)
        rows = np.arange(len(next(iter(inputs.values()))))
        batch = _batch(enqueue_data(columns, rows, queue_capacity, shuffle, num_threads, batch_size, num_epochs), batch_size, num_epochs)
        features = dict(zip(inputs, batch)) if isinstance(x, dict) else batch[0]
        if y is None:
            return features
        return features, dict(zip(targets, batch[len(inputs):])) if isinstance(y, dict) else batch[-1]
    return input_fn


def _check_lengths(inputs: dict[str, Any], targets: dict[str, Any]) -> None:
    if len({np.shape(value)[0] for value in (*inputs.values(), *targets.values())}) != 1:
        shapes = [{name: np.shape(value) for name, value in given.items()} for given in (inputs, targets)]
        raise ValueError("Length of tensors in x and y is mismatched: each array needs as many rows as the others.\n"
                         f"Shapes in x: {shapes[0]}\nShapes in y: {shapes[1]}\n")


@export("estimator.inputs.pandas_input_fn", "contrib.learn.io.pandas_input_fn")
def pandas_input_fn(x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: Any = None,
                    queue_capacity: int | None = 1000, num_threads: int = 1, target_column: str = "target") -> Callable[[], Any]:
    """As numpy_input_fn, for a DataFrame x: features are {column: tensor}. y: Series, or DataFrame (then a dict), or None.

    ValueError where the index of y is not that of x, or x has a column `target_column`.
    """
    _check_shuffle(shuffle)
    if not isinstance(target_column, str):
        raise TypeError("target_column must be a string type")
    inputs = {column: x[column].to_numpy() for column in x.columns}
    targets: dict[str, Any] = {}
    several = hasattr(y, "columns")
    if y is not None:
        if target_column in inputs:
            raise ValueError(f"target_column={target_column!r} is the name of a feature already; choose another than {list(x.columns)}")
        if not np.array_equal(x.index, y.index):
            raise ValueError(f"Index for x and y are mismatched.\nIndex for x: {x.index}\nIndex for y: {y.index}\n")
        targets = {column: y[column].to_numpy() for column in y.columns} if several else {target_column: y.to_numpy()}
    columns = {**{(0, name): value for name, value in inputs.items()}, **{(1, name): value for name, value in targets.items()}}
    index = x.index.to_numpy()
    capacity = queue_capacity if queue_capacity is not None else len(x) * (4 if shuffle else 1)

    def input_fn() -> Any:
        queue = enqueue_data(columns, index, capacity, shuffle, num_threads, batch_size, num_epochs, max(capacity / 4, 1))
        batch = _batch(queue, batch_size, num_epochs)
        features = dict(zip(inputs, batch))
        if y is None:
            return features
        rest = dict(zip(targets, batch[len(inputs):]))
        return features, rest if several else rest[target_column]
    return input_fn
