"""Op types that graphflow has no class for: made from TensorFlow's op table, or from a function of the graph, when a graph with them is
imported. They are held, inspected and written back; running one says what is missing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..core.dtypes import as_dtype
from ..core.op import Op, Spec, load, output_dtypes
from ..core.signature import Arg, Signature
from . import op_table
from .attributes import from_message


def op_class(name: str, functions: Any) -> type[Op] | None:
    """The class of an op type: graphflow's own, else one from the table or from the graph's functions, else None."""
    try:
        return load(name)
    except KeyError:
        pass
    if op_table.find(name) is not None:
        return from_table(name)
    if name in functions:
        return of_function(functions[name].signature)
    return None


def of_function(definition: Any) -> type[Op]:
    """The class of an op type that is the name of a function: a call of it."""
    call = load("PartitionedCall")
    plain = vars(of_definition(definition))
    own = {name: plain[name] for name in ("fields", "annotations", "defaults", "stateful", "sig", "_signature", "definition", "__module__")}
    return type(definition.name, (call,), {**own, "__doc__": f"A call of the function {definition.name}.", "infer": _unknown})


def _unknown(self: Op, *inputs: Any) -> Any:
    return tuple(Spec(dtype, None) for dtype in output_dtypes(self))


@cache
def from_table(name: str) -> type[Op]:
    """A class without kernel for an op of the table."""
    return of_definition(op_table.find(name))


# The single operations that loops are made of in graphs of TensorFlow 1, each with its twin on references. The table does not tell.
MERGES, TURNS = ("Merge", "RefMerge"), ("NextIteration", "RefNextIteration")


def of_definition(definition: Any) -> type[Op]:
    """A class without kernel for an OpDef. It is not registered."""
    defaults = {a.name: from_message(a.default_value, a.type) for a in definition.attr if a.HasField("default_value")}
    body = {
        "__doc__": f"{definition.name}, loaded and written back only.",
        "__module__": __name__,
        "fields": tuple(a.name for a in definition.attr),
        "annotations": {a.name: a.type for a in definition.attr},
        "defaults": defaults,
        "stateful": definition.is_stateful,
        "sig": definition.name,
        "_signature": _signature(definition),
        "definition": definition,
    }
    if definition.name in INSTEAD:
        body["kernel"] = body["run"] = _refusing(definition.name)
    return type(definition.name, (Op,), body)


# What to build in place of operations that stand for something that graphflow has in another form.
INSTEAD = {
    **dict.fromkeys(("AnonymousHashTable", "AnonymousMutableHashTable", "AnonymousMutableHashTableOfTensors",
                     "AnonymousMutableDenseHashTable"),
                    "make the table without experimental_is_anonymous: one with a name, which the session keeps"),
    "For": "write the loop as tf.while_loop, whose body counts",
    "RemoteCall": "call the function without a target: there is one device",
}


def _refusing(name: str) -> Any:
    def refuse(self: Op, *inputs: Any) -> Any:
        raise NotImplementedError(f"{name} can be loaded and saved, but graphflow cannot run it: {INSTEAD[name]}")
    return refuse


def _signature(definition: Any) -> Signature:
    inputs = tuple(_argument(a) for a in definition.input_arg)
    outputs = tuple(_argument(a) for a in definition.output_arg)
    return Signature(inputs, outputs, all(a.arity == "one" for a in inputs), tuple(i for i, a in enumerate(inputs) if a.is_ref), ())


def _argument(argument: Any) -> Arg:
    if argument.type_list_attr:
        return Arg(argument.name, argument.type_list_attr, argument.is_ref, False, "mixed", "", None)
    fixed = as_dtype(argument.type) if argument.type else None
    arity = "list" if argument.number_attr else "one"
    return Arg(argument.name, argument.type_attr or fixed.name, argument.is_ref, False, arity, argument.number_attr, fixed)  # type: ignore[union-attr]
