"""Tensors of tf.keras.backend: making them, their shapes, joining and reshaping."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .settings import floatx


@export("keras.backend.placeholder")
def placeholder(shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None) -> Any:
    """A placeholder; shape, or ndim unknown sizes."""
    sizes = [None] * ndim if shape is None and ndim else shape
    dtype = dtype or floatx()
    return tf.sparse_placeholder(dtype, sizes, name=name) if sparse else tf.placeholder(dtype, sizes, name=name)


@export("keras.backend.is_placeholder")
def is_placeholder(x: Any) -> bool:
    """Whether it must be fed."""
    return bool(hasattr(x, "op") and x.op._op_def.must_be_fed)


@export("keras.backend.variable")
def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """A variable with that value."""
    return tf.Variable(value, dtype=dtype or floatx(), name=name, constraint=constraint, use_resource=True)


@export("keras.backend.constant")
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A constant."""
    return tf.constant(value, dtype=dtype or floatx(), shape=shape, name=name or "Const")


@export("keras.backend.is_keras_tensor")
def is_keras_tensor(x: Any) -> bool:
    """Whether a tensor comes from a layer; ValueError for what is no tensor."""
    if not isinstance(x, (tf.Tensor, tf.Variable, tf.SparseTensor)):
        raise ValueError(f"Unexpectedly found an instance of type `{type(x)}`. Expected a symbolic tensor instance.")
    return hasattr(x, "_keras_history")


@export("keras.backend.is_sparse")
def is_sparse(tensor: Any) -> bool:
    """Whether it is a SparseTensor."""
    return isinstance(tensor, tf.SparseTensor)


@export("keras.backend.to_dense")
def to_dense(tensor: Any) -> Any:
    """A SparseTensor as a tensor."""
    return tf.sparse.to_dense(tensor) if is_sparse(tensor) else tensor


@export("keras.backend.eval")
def evaluate(x: Any) -> Any:
    """The value of a tensor or variable."""
    return tf.keras.backend.get_value(to_dense(x))


@export("keras.backend.shape")
def shape(x: Any) -> Any:
    """The shape, a tensor."""
    return tf.shape(x)


@export("keras.backend.int_shape")
def int_shape(x: Any) -> Any:
    """The static shape, a tuple with None for unknown sizes; None where the rank is unknown."""
    found = x.shape
    return None if found.ndims is None else tuple(found.as_list())


@export("keras.backend.ndim")
def ndim(x: Any) -> Any:
    """The rank."""
    return x.shape.ndims


@export("keras.backend.dtype")
def dtype(x: Any) -> str:
    """The name of the dtype."""
    return str(x.dtype.base_dtype.name)


@export("keras.backend.zeros")
def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros."""
    return variable(tf.zeros(shape, dtype or floatx()), dtype, name)


@export("keras.backend.ones")
def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones."""
    return variable(tf.ones(shape, dtype or floatx()), dtype, name)


@export("keras.backend.eye")
def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """A variable with the identity matrix."""
    return variable(tf.eye(size, dtype=tf.as_dtype(dtype or floatx())), dtype, name)


@export("keras.backend.zeros_like")
def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros of x's shape."""
    return tf.zeros_like(x, dtype=dtype, name=name)


@export("keras.backend.ones_like")
def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones of x's shape."""
    return tf.ones_like(x, dtype=dtype, name=name)


@export("keras.backend.identity")
def identity(x: Any, name: str | None = None) -> Any:
    """The same values."""
    return tf.identity(x, name=name)


@export("keras.backend.random_uniform_variable")
def random_uniform_variable(shape: Any, low: float, high: float, dtype: Any = None, name: str | None = None, seed: Any = None) -> Any:
    """A variable of uniform numbers."""
    return variable(tf.random_uniform(shape, low, high, dtype or floatx(), seed), dtype, name)


@export("keras.backend.random_normal_variable")
def random_normal_variable(shape: Any, mean: float, scale: float, dtype: Any = None, name: str | None = None, seed: Any = None) -> Any:
    """A variable of normal numbers."""
    return variable(tf.random_normal(shape, mean, scale, dtype or floatx(), seed), dtype, name)


@export("keras.backend.cast")
def cast(x: Any, dtype: Any) -> Any:
    """x in another dtype."""
    return tf.cast(x, dtype)


@export("keras.backend.update")
def update(x: Any, new_x: Any) -> Any:
    """Sets a variable."""
    return tf.assign(x, new_x)


@export("keras.backend.update_add")
def update_add(x: Any, increment: Any) -> Any:
    """Adds to a variable."""
    return tf.assign_add(x, increment)


@export("keras.backend.update_sub")
def update_sub(x: Any, decrement: Any) -> Any:
    """Subtracts from a variable."""
    return tf.assign_sub(x, decrement)


@export("keras.backend.moving_average_update")
def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """x becomes x momentum + value (1 - momentum)."""
    return tf.assign_sub(x, (x - tf.cast(value, x.dtype.base_dtype)) * (1 - momentum))


@export("keras.backend.reshape")
def reshape(x: Any, shape: Any) -> Any:
    """The same values in another shape."""
    return tf.reshape(x, shape)


@export("keras.backend.permute_dimensions")
def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Axes in another order."""
    return tf.transpose(x, perm=pattern)


@export("keras.backend.transpose")
def transpose(x: Any) -> Any:
    """Axes the other way round."""
    return tf.transpose(x)


@export("keras.backend.concatenate")
def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Tensors one after the other."""
    return tf.concat(list(tensors), axis)


@export("keras.backend.stack")
def stack(x: Any, axis: int = 0) -> Any:
    """Tensors along a new axis."""
    return tf.stack(x, axis=axis)


@export("keras.backend.tile")
def tile(x: Any, n: Any) -> Any:
    """x repeated along its axes."""
    return tf.tile(x, [n] if isinstance(n, int) else n)


@export("keras.backend.flatten")
def flatten(x: Any) -> Any:
    """All values in a vector."""
    return tf.reshape(x, [-1])


@export("keras.backend.batch_flatten")
def batch_flatten(x: Any) -> Any:
    """[batch, everything else]."""
    return tf.reshape(x, tf.stack([-1, tf.reduce_prod(tf.shape(x)[1:])]))


@export("keras.backend.expand_dims")
def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of size 1."""
    return tf.expand_dims(x, axis)


@export("keras.backend.squeeze")
def squeeze(x: Any, axis: int) -> Any:
    """Without an axis of size 1."""
    return tf.squeeze(x, [axis])


@export("keras.backend.repeat")
def repeat(x: Any, n: int) -> Any:
    """[batch, features] as [batch, n, features]."""
    return tf.tile(tf.expand_dims(x, 1), tf.stack([1, n, 1]))


@export("keras.backend.arange")
def arange(start: Any, stop: Any = None, step: int = 1, dtype: Any = "int32") -> Any:
    """Numbers from start to stop."""
    if stop is None and start < 0:
        start = 0
    found = tf.range(start, limit=stop, delta=step) if stop is not None else tf.range(start, delta=step)
    return found if dtype == "int32" else tf.cast(found, dtype)


@export("keras.backend.reverse")
def reverse(x: Any, axes: Any) -> Any:
    """x the other way round along axes."""
    return tf.reverse(x, [axes] if isinstance(axes, int) else axes)


@export("keras.backend.gather")
def gather(reference: Any, indices: Any) -> Any:
    """Rows by their numbers."""
    return tf.gather(reference, indices)


@export("keras.backend.one_hot")
def one_hot(indices: Any, num_classes: int) -> Any:
    """One at each number, else 0."""
    return tf.one_hot(indices, depth=num_classes, axis=-1)


@export("keras.backend.name_scope")
def name_scope(name: str) -> Any:
    """Context manager: names inside begin with this one."""
    return tf.name_scope(name)


@export("keras.backend.stop_gradient")
def stop_gradient(variables: Any) -> Any:
    """Values through which no gradient flows."""
    return [tf.stop_gradient(v) for v in variables] if isinstance(variables, (list, tuple)) else tf.stop_gradient(variables)


@export("keras.backend.gradients")
def gradients(loss: Any, variables: Any) -> Any:
    """The gradients of a loss."""
    return tf.gradients(loss, variables)


@export("keras.backend.print_tensor")
def print_tensor(x: Any, message: str = "") -> Any:
    """x, printed when it is computed."""
    return tf.Print(x, [x], message)

