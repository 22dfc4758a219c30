"""tensorflow.python.ops.resources: what has to be made before a graph runs and is no variable, as forests of trees registered it."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

import graphflow as tf

_Resource = namedtuple("_Resource", "handle create is_initialized")


def register_resource(handle: Any, create_op: Any, is_initialized_op: Any, is_shared: bool = True) -> None:
    """Adds a resource to the graph's shared (or local) ones: its handle, the op that makes it, and a bool tensor: is it made?"""
    key = tf.GraphKeys.RESOURCES if is_shared else tf.GraphKeys.LOCAL_RESOURCES
    tf.add_to_collection(key, _Resource(handle, create_op, is_initialized_op))


def shared_resources() -> list[Any]:
    """The graph's shared resources."""
    return tf.get_collection(tf.GraphKeys.RESOURCES)


def local_resources() -> list[Any]:
    """The graph's local resources."""
    return tf.get_collection(tf.GraphKeys.LOCAL_RESOURCES)


def initialize_resources(resource_list: Any, name: str = "init") -> Any:
    """An operation that makes the resources of the list."""
    return tf.group(*[resource.create for resource in resource_list], name=name) if resource_list else tf.no_op(name=name)


def report_uninitialized_resources(resource_list: Any = None, name: str = "report_uninitialized_resources") -> Any:
    """The names of the resources that are not made yet, a string vector."""
    resource_list = shared_resources() + local_resources() if resource_list is None else resource_list
    with tf.name_scope(name):
        if not resource_list:
            return tf.constant(np.array([], object), dtype=tf.string)
        missing = tf.logical_not(tf.stack([resource.is_initialized for resource in resource_list]))
        return tf.boolean_mask(tf.constant([resource.handle.name for resource in resource_list]), missing)
