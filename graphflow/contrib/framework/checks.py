"""Checks of tensors and graphs in tf.contrib.framework."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..homes import framework_and_slim


@framework_and_slim("assert_or_get_global_step")
def assert_or_get_global_step(graph: Any = None, global_step_tensor: Any = None) -> Any:
    """The graph's global step, or the given one, if it is an integer scalar; else TypeError."""
    if global_step_tensor is None:
        return tf.train.get_global_step(graph)
    tf.train.assert_global_step(global_step_tensor)
    return global_step_tensor


@export("contrib.framework.assert_scalar_int")
def assert_scalar_int(tensor: Any, name: str | None = None) -> Any:
    """The tensor; ValueError unless it is an integer scalar."""
    with tf.name_scope(name, "assert_scalar_int", [tensor]):
        tensor = tf.convert_to_tensor(tensor)
        if not tensor.dtype.base_dtype.is_integer:
            raise ValueError(f"Expected integer type for {tensor.name}, received type: {tensor.dtype}.")
        if tensor.shape.ndims not in (0, None):
            raise ValueError(f"Expected scalar shape for {tensor.name}, received shape: {tensor.shape}.")
        return tensor


@export("contrib.framework.with_shape")
def with_shape(expected_shape: Any, tensor: Any) -> Any:
    """The tensor with that shape: ValueError where it is known to differ, an error at run where it turns out to.

    expected_shape: a shape, or an integer tensor.
    """
    tensor = tf.convert_to_tensor(tensor)
    known = tf.get_static_value(expected_shape) if isinstance(expected_shape, tf.Tensor) else expected_shape
    if known is None:
        with tf.control_dependencies([tf.assert_equal(tf.shape(tensor), expected_shape, message=f"Wrong shape for {tensor.name}.")]):
            return tf.identity(tensor)
    shape = tf.TensorShape([int(size) if size is not None and int(size) >= 0 else None for size in tf.TensorShape(list(known)).as_list()])
    if not tensor.shape.is_compatible_with(shape):
        raise ValueError(f"Invalid shape for tensor {tensor.name}, expected {shape}, got {tensor.shape}.")
    if tensor.shape.is_fully_defined() or not shape.is_fully_defined():
        tensor.set_shape(shape)
        return tensor
    with tf.control_dependencies([tf.assert_equal(tf.shape(tensor), shape.as_list(), message=f"Wrong shape for {tensor.name}.")]):
        checked = tf.identity(tensor)
    checked.set_shape(shape)
    return checked


@export("contrib.framework.with_same_shape")
def with_same_shape(expected_tensor: Any, tensor: Any) -> Any:
    """The tensor with the shape of another one, as with_shape."""
    expected = tf.convert_to_tensor(expected_tensor)
    return with_shape(expected.shape if expected.shape.is_fully_defined() else tf.shape(expected), tensor)


@export("contrib.framework.reduce_sum_n")
def reduce_sum_n(tensors: Any, name: str | None = None) -> Any:
    """The sum of all elements of several tensors; ValueError for no tensors."""
    if not tensors:
        raise ValueError("No tensors provided.")
    with tf.name_scope(name, "reduce_sum_n", tensors) as scope:
        sums = [tf.reduce_sum(tensor, name=f"{tensor.op.name}/sum") for tensor in tensors]
        return sums[0] if len(sums) == 1 else tf.add_n(sums, name=scope)


@export("contrib.framework.remove_squeezable_dimensions")
def remove_squeezable_dimensions(predictions: Any, labels: Any, name: str | None = None) -> tuple[Any, Any]:
    """Both, without a last axis of size 1 that only one of them has."""
    with tf.name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions, labels = tf.convert_to_tensor(predictions), tf.convert_to_tensor(labels)
        ranks = predictions.shape.ndims, labels.shape.ndims
        if None not in ranks:
            if ranks[0] - ranks[1] == 1:
                predictions = tf.squeeze(predictions, [-1])
            elif ranks[1] - ranks[0] == 1:
                labels = tf.squeeze(labels, [-1])
        return predictions, labels


@export("contrib.framework.get_name_scope")
def get_name_scope() -> str:
    """The name of the current name scope, without the slash at its end; '' outside of all."""
    return tf.get_default_graph().get_name_scope()


@export("contrib.framework.get_placeholders")
def get_placeholders(graph: Any) -> list[Any]:
    """The outputs of all placeholders of a graph."""
    return [op.outputs[0] for op in graph.get_operations() if op._op_def.must_be_fed]


@export("contrib.framework.get_graph_from_inputs")
def get_graph_from_inputs(op_input_list: Any, graph: Any = None) -> Any:
    """The graph of the first input that has one, else the default graph; ValueError where inputs are of another than `graph`."""
    graphs = [item.graph for item in op_input_list if hasattr(item, "graph")]
    if graph is not None and any(found is not graph for found in graphs):
        raise ValueError("An input is not from the passed-in graph.")
    return graph or (graphs[0] if graphs else tf.get_default_graph())


@export("contrib.framework.zero_initializer")
def zero_initializer(ref: Any, use_locking: bool = True, name: str = "zero_initializer") -> Any:
    """Assigns zeros to a variable, all of its elements at once."""
    return tf.assign(ref, tf.zeros_like(ref if ref.shape.is_fully_defined() else ref.read_value()), use_locking=use_locking, name=name)
