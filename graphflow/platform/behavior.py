"""Switches between TF1 and TF2 behaviour: graphs or eager execution; the rest is as in TF1 and switched already."""

from __future__ import annotations

from typing import NoReturn

from graphflow.core.export import export, export_values
from graphflow.core.graph import current
from graphflow.core.late import Late

_late = Late(enable="graphflow.eager.switch:enable", disable="graphflow.eager.switch:disable")  # at first use: saves 20 ms; eager programs

VERSION = "1.15.5"     # of the TensorFlow whose interface this is; programs of that time choose between old and new names by it
export_values(__name__, VERSION="VERSION")


@export("disable_v2_behavior", "disable_eager_execution")
def disable_eager_execution() -> None:
    """Graphs and sessions, the default: ops are added to the default graph, a new one if eager execution was on."""
    if current().eager:
        _late.disable()


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


@export("executing_eagerly")
def executing_eagerly() -> bool:
    """Whether an op that is called here runs at once: with eager execution on, outside of functions and of `with graph.as_default()`."""
    return current().eager


@export("executing_eagerly_outside_functions")
def executing_eagerly_outside_functions() -> bool:
    """Whether eager execution is on around the functions that are being traced, if any."""
    return current().shared.eager


@export("enable_eager_execution")
def enable_eager_execution(config: object = None, device_policy: object = None, execution_mode: object = None) -> None:
    """From now on ops run when they are called and give tensors with values. ValueError once the default graph has ops.

    There is one device, and ops run one after the other, whatever the arguments say.
    """
    _late.enable(tensor_equality=False, shows_ids=True)


@export("enable_v2_behavior")
def enable_v2_behavior() -> None:
    """Eager execution, and tensors that behave as TensorFlow 2's: `==` compares elements."""
    _late.enable(tensor_equality=True, shows_ids=False)


@export("load_op_library", "load_library")
def load_op_library(library_filename: str) -> NoReturn:
    """graphflow has no compiled operations: raises NotImplementedError."""
    raise NotImplementedError(f"tf.load_op_library({library_filename!r}): graphflow runs on numpy and loads no compiled operations; "
                              "write the operation as a Python function with tf.py_func and tf.custom_gradient")
