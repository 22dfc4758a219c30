"""Switches between TF1 and TF2 behaviour. graphflow always behaves as TF1 does, so switching to that is done already."""

from __future__ import annotations

from typing import NoReturn

from graphflow.core.export import export, export_values

VERSION = "1.15.0"     # of the TensorFlow whose interface this is; programs of that time choose between old and new names by it
export_values(__name__, VERSION="VERSION")


@export("disable_v2_behavior")
def disable_v2_behavior() -> None:
    """Nothing to do: graphs, sessions and the v1 API are what graphflow has."""


@export("disable_eager_execution")
def disable_eager_execution() -> None:
    """Nothing to do: ops are added to the default graph."""


@export("disable_v2_tensorshape")
def disable_v2_tensorshape() -> None:
    """Nothing to do: iterating over a TensorShape gives Dimension objects."""


@export("disable_tensor_equality")
def disable_tensor_equality() -> None:
    """Nothing to do: `==` on tensors compares identity."""


@export("enable_control_flow_v2")
def enable_control_flow_v2() -> None:
    """Nothing to do: branches and loops are If and While nodes with bodies."""


@export("disable_control_flow_v2")
def disable_control_flow_v2() -> None:
    """Changes nothing: branches and loops are If and While nodes with bodies in any case, and what they compute is the same."""


@export("control_flow_v2_enabled")
def control_flow_v2_enabled() -> bool:
    """True: branches and loops are If and While nodes with bodies."""
    return True


@export("executing_eagerly", "executing_eagerly_outside_functions")
def executing_eagerly() -> bool:
    """False: ops are added to graphs."""
    return False


@export("enable_eager_execution", "enable_v2_behavior")
def enable_eager_execution(config: object = None, device_policy: object = None, execution_mode: object = None) -> None:
    """Not there yet: raises NotImplementedError."""
    raise NotImplementedError("graphflow has no eager mode yet: build a graph and run it with tf.Session().run(...)")


@export("load_op_library", "load_library")
def load_op_library(library_filename: str) -> NoReturn:
    """graphflow has no compiled operations: raises NotImplementedError."""
    raise NotImplementedError(f"tf.load_op_library({library_filename!r}): graphflow runs on numpy and loads no compiled operations; "
                              "write the operation as a Python function with tf.py_func and tf.custom_gradient")
