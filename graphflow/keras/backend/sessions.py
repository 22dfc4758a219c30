"""The session in which Keras runs what it builds: the default one, else one of its own for the default graph."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core import context
from ...core.export import export
from ...core.late import Late
from .state import known_variables, of_graph, reset_uids
from .symbolic import forget_models, is_symbolic

_late = Late(Part="graphflow.eager.parts:Part")  # at first use: saves 20 ms; models of eager execution

_own: list[Any] = []       # the session that Keras made, if any


@export("keras.backend.get_session")
def get_session(op_input_list: Any = ()) -> Any:
    """The session that Keras uses: the default session, else its own for the default graph.

    Variables of the graph that have no value in it yet are initialized first.
    """
    session = _session()
    with session.graph.as_default():
        initialize_variables(session)
    return session


def session_if_any() -> Any:
    """Keras's session; None where operations run at once."""
    return None if context.default_graph().eager else get_session()


def _session() -> Any:
    default = tf.get_default_session()
    if default is not None:
        return default
    graph = context.default_graph().shared
    if not _own or _own[0].graph is not graph or _own[0]._closed:
        _own[:] = [tf.Session(graph=graph)]
    return _own[0]


@export("keras.backend.set_session")
def set_session(session: Any) -> None:
    """Makes a session the one that Keras uses."""
    _own[:] = [session]


@export("keras.backend.clear_session")
def clear_session() -> None:
    """Drops the graph, the session and all numbers in names: models made before cannot be used any more."""
    _own.clear()
    if context.default_graph().eager:
        forget_models()
        state = of_graph()
        state.phase, state.has_history = None, False
    else:
        tf.reset_default_graph()
    reset_uids()


@export("keras.backend.manual_variable_initialization")
def manual_variable_initialization(value: bool) -> None:
    """With True, Keras initializes no variables: the program does."""
    _manual[0] = bool(value)


_manual = [False]


def initialize_variables(session: Any) -> None:
    """Initializes the variables of the session's graph that have no value yet; those that have one keep it."""
    if _manual[0]:
        return
    known = known_variables(session)
    variables = [v for v in session.graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES) if id(v) not in known]
    variables += [v for v in session.graph.get_collection(tf.GraphKeys.LOCAL_VARIABLES) if id(v) not in known]
    with session.graph.as_default():
        variables += [v for v in of_graph().loose_variables if id(v) not in known]
    if not variables:
        return
    known.update(map(id, variables))
    has_value = session.run([tf.is_variable_initialized(v) for v in variables])
    empty = [v for v, there in zip(variables, has_value) if not there]
    if empty:
        session.run([v.initializer for v in empty])


# -- values ---------------------------------------------------------------------------------------------------------------------------
@export("keras.backend.get_value")
def get_value(x: Any) -> Any:
    """The value of a variable or tensor, an array; what is no tensor as it is."""
    if hasattr(x, "numpy"):
        return x.numpy()
    if is_symbolic(x):
        return _late.Part(x.graph, [x], [], [])([])[0]
    if not hasattr(x, "graph"):
        return x
    return get_session().run(x)


@export("keras.backend.batch_get_value")
def batch_get_value(tensors: Any) -> list[Any]:
    """The values of several variables or tensors."""
    tensors = list(tensors)
    if not tensors:
        return []
    if context.default_graph().shared.eager:
        return [get_value(x) for x in tensors]
    found: list[Any] = get_session().run(tensors)
    return found


@export("keras.backend.set_value")
def set_value(x: Any, value: Any) -> None:
    """Gives a variable a value."""
    batch_set_value([(x, value)])


@export("keras.backend.batch_set_value")
def batch_set_value(tuples: Any) -> None:
    """Gives several variables their values: pairs (variable, array)."""
    pairs = [(x, np.asarray(value, x.dtype.base_dtype.as_numpy_dtype)) for x, value in tuples]
    if not pairs:
        return
    if all(hasattr(x, "numpy") for x, _ in pairs):
        for x, value in pairs:
            x.assign(value)
        return
    for x, value in pairs:
        known = x.static
        if known is not None and (len(known) != value.ndim or any(a is not None and a != b for a, b in zip(known, value.shape))):
            raise ValueError(f"Cannot give {x.name} of shape {known} a value of shape {value.shape}.")
    session = get_session()
    session.run([x.initializer for x, _ in pairs], {x.initializer.inputs[1]: value for x, value in pairs})


@export("keras.backend.count_params")
def count_params(x: Any) -> int:
    """How many numbers a variable holds; its shape must be known."""
    return int(np.prod(x.shape.as_list(), dtype=np.int64))
