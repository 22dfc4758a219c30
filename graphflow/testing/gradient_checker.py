"""tf.test.compute_gradient: Jacobians by the graph and by central differences."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff.gradients import gradients
from ..core import context
from ..core.export import export
from ..core.tensor import _session_for
from ..ops.array.fill import zeros


def _one(x: Any, x_shape: Any, y: Any, y_shape: Any, start: np.ndarray, delta: float, extra: dict[Any, Any],
         session: Any) -> tuple[np.ndarray, np.ndarray]:
    dtype = x.dtype.base_dtype.np
    weight = zeros(y_shape, y.dtype.base_dtype) + 0
    grad = gradients(y, x, grad_ys=[weight])[0]
    size, outputs = int(np.prod(x_shape)), int(np.prod(y_shape))
    theory, numeric = np.zeros((size, outputs), dtype), np.zeros((size, outputs), dtype)
    for j in range(outputs):
        unit = np.zeros(outputs, y.dtype.base_dtype.np)
        unit[j] = 1
        found = session.run(grad, {**extra, x: start, weight: unit.reshape(y_shape)})
        if hasattr(found, "indices"):  # rows that were gathered
            dense = np.zeros(x_shape, dtype)
            np.add.at(dense, found.indices, found.values)
            found = dense
        theory[:, j] = np.ravel(found)
    for i in range(size):
        sides = []
        for sign in (1, -1):
            moved = start.copy()
            moved.flat[i] += sign * delta
            sides.append(session.run(y, {**extra, x: moved}).ravel())
        numeric[i] = (sides[0] - sides[1]) / (2 * delta)
    return theory, numeric


@export("test.compute_gradient")
def compute_gradient(x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 0.001, init_targets: Any = None,
                     extra_feed_dict: Any = None) -> Any:
    """(theoretical, numeric) Jacobians, [x size, y size]; a list of pairs when x is a list.

    x: tensors that may be fed. x_init_value: where to differentiate (random when None). delta: the step of the differences.
    """
    session = _session_for("compute the gradient of", "`tf.test.compute_gradient`", y, None)
    if init_targets is not None:
        session.run(init_targets if isinstance(init_targets, (list, tuple)) else [init_targets])
    with context.default_graph().control_dependencies(None):
        pairs = []
        many = isinstance(x, list)
        xs, shapes_ = (x, x_shape) if many else ([x], [x_shape])
        starts = (x_init_value if many else [x_init_value]) if x_init_value is not None else [None] * len(xs)
        values = [np.asarray(np.random.random_sample(s) if v is None else v).astype(t.dtype.base_dtype.np)
                  for t, s, v in zip(xs, shapes_, starts)]
        for i, (t, s) in enumerate(zip(xs, shapes_)):
            others = {o: v for j, (o, v) in enumerate(zip(xs, values)) if j != i}
            pairs.append(_one(t, s, y, y_shape, values[i], delta, {**(extra_feed_dict or {}), **others}, session))
    return pairs if many else pairs[0]


@export("test.compute_gradient_error")
def compute_gradient_error(x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 0.001,
                           init_targets: Any = None, extra_feed_dict: Any = None) -> float:
    """The largest difference between the graph's Jacobian and the numeric one."""
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    pairs = found if isinstance(x, list) else [found]
    return float(max(np.abs(t - n).max() if t.size else 0.0 for t, n in pairs))
