"""tf.autograph: rewriting functions by hand, and what a program says about it."""
from __future__ import annotations

import ast
import enum
import inspect
import types
from collections.abc import Callable
from typing import Any

from ...core import context
from ...core.export import export
from .convert import converted, do_not_convert, rewritten

_UNSPECIFIED: Any = object()
_verbosity = [0]

export("autograph.experimental.do_not_convert")(do_not_convert)


@export("autograph.experimental.Feature")
class Feature(enum.Enum):
    """Parts of the rewriting that TensorFlow lets programs choose; here all are done always."""
    ALL = "ALL"
    AUTO_CONTROL_DEPS = "AUTO_CONTROL_DEPS"
    ASSERT_STATEMENTS = "ASSERT_STATEMENTS"
    BUILTIN_FUNCTIONS = "BUILTIN_FUNCTIONS"
    EQUALITY_OPERATORS = "EQUALITY_OPERATORS"
    LISTS = "LISTS"
    NAME_SCOPES = "NAME_SCOPES"


@export("autograph.to_graph")
def to_graph(entity: Any, recursive: bool = True, arg_values: Any = None, arg_types: Any = None,
             experimental_optional_features: Any = None) -> Callable[..., Any]:
    """The function with `if`, `while` and `for` on tensors as operations, for graphs and for functions; on Python values as it was.

    entity: a `def` whose source can be read; ValueError where it cannot be rewritten. The other arguments change nothing.
    """
    _needs_function(entity)
    found: Callable[..., Any] = converted(entity)
    if found is entity:
        rewritten(entity)            # says why
        raise ValueError(f"{entity.__qualname__} is left as it is written: it is decorated with do_not_convert, or belongs to a library")
    return found


@export("autograph.to_code")
def to_code(entity: Any, recursive: bool = True, arg_values: Any = None, arg_types: Any = None, indentation: str = "  ",
            experimental_optional_features: Any = None) -> str:
    """The source of what `to_graph` gives; `ag__` in it is graphflow.eager.autograph.runtime."""
    _needs_function(entity)
    text = ast.unparse(ast.fix_missing_locations(rewritten(entity)))
    return text.replace("    ", indentation) + "\n"


def _needs_function(entity: Any) -> None:
    if not isinstance(entity, (types.FunctionType, types.MethodType)):
        raise ValueError(f"{entity!r} ({type(entity).__name__}) has no source to rewrite: give a function")
    if inspect.isgeneratorfunction(entity):
        raise NotImplementedError(f"{entity.__qualname__} is a generator, which has no graph: return a list or a TensorArray")


@export("autograph.experimental.set_loop_options")
def set_loop_options(parallel_iterations: Any = _UNSPECIFIED, back_prop: Any = _UNSPECIFIED, swap_memory: Any = _UNSPECIFIED,
                     maximum_iterations: Any = _UNSPECIFIED, shape_invariants: Any = _UNSPECIFIED) -> None:
    """Options of the loop on tensors in whose body this is the first statement. Turns run one by one, whatever parallel_iterations says.

    maximum_iterations: the most turns. shape_invariants: [(tensor, TensorShape), ...] of loop variables whose shape changes.
    """
    graph = context.default_graph()
    if not graph.eager:
        given = (("maximum_iterations", maximum_iterations), ("shape_invariants", shape_invariants))
        graph.extension("loop options", dict[str, Any])["next"] = {key: value for key, value in given if value is not _UNSPECIFIED}


@export("autograph.set_verbosity")
def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Kept, and changes nothing: what is not rewritten is warned of in any case."""
    _verbosity[0] = level


@export("autograph.trace")
def trace(*args: Any) -> None:
    """Prints its arguments while a function is traced."""
    print(*args)
