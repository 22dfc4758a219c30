"""Dataset.from_generator: elements that a Python generator yields."""
from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.convert import convert_n_to_tensor
from ..core.dtypes import int64, string
from ..core.make import make
from ..ops import functions as F
from ..ops.dataset.functions import FlatMapDataset
from ..ops.dataset.results import GeneratorDataset
from . import nest, structure
from .functions import Function


class _Running:
    """The generators that are under way, by number."""

    def __init__(self, generator: Callable[..., Any], form: Any):
        self.generator, self.form = generator, form
        self.numbers, self.lock, self.open = itertools.count(), threading.Lock(), dict[int, Any]()

    def begin(self, *args: Any) -> Any:
        with self.lock:
            number = next(self.numbers)
            self.open[number] = iter(self.generator(*args))
        return np.int64(number)

    def step(self, number: Any) -> list[Any]:
        element = next(self.open[int(number)])
        try:
            leaves = nest.flatten_up_to(self.form, element)
        except (TypeError, ValueError) as error:
            raise TypeError("`generator` yielded an element that did not match the expected structure. The expected structure was "
                            f"{structure.types(self.form)}, but the yielded element was {element}.") from error
        return [_array(leaf, value) for leaf, value in zip(nest.flatten(self.form), leaves)]

    def end(self, number: Any) -> Any:
        self.open.pop(int(number), None)
        return np.int64(0)


def _array(leaf: structure.Leaf, value: Any) -> Any:
    if leaf.dtype is string:
        found = np.asarray(value, object if not isinstance(value, np.ndarray) else None)
    else:
        try:
            found = np.asarray(value)
            if found.dtype.kind not in "biufc" or (found.dtype.kind in "fc" and leaf.dtype.np.kind in "iub"):
                raise ValueError(f"{found.dtype} is no {leaf.dtype.name}")
            found = found.astype(leaf.dtype.np)
        except (TypeError, ValueError) as error:
            raise TypeError("`generator` yielded an element that could not be converted to the expected type. The expected type was "
                            f"{leaf.dtype.name}, but the yielded element was {value}.") from error
    if not shapes.compatible(leaf.shape, found.shape):
        raise TypeError(f"`generator` yielded an element of shape {found.shape} where an element of shape "
                        f"{shapes.describe(leaf.shape)} was expected.")
    return found


def from_generator(cls: Any, generator: Callable[..., Any], output_types: Any, output_shapes: Any, args: Any) -> Any:
    """See Dataset.from_generator."""
    if not callable(generator):
        raise TypeError("`generator` must be a Python callable.")
    if output_types is None:
        raise TypeError("`output_types` must be specified.")
    form = structure.structure_from(output_types, output_shapes)
    leaves: list[structure.Leaf] = nest.flatten(form)
    running, tensors = _Running(generator, form), convert_n_to_tensor(args or (), name="args")

    def step(number: Any) -> Any:
        found = F.py_func(running.step, [number], [leaf.dtype for leaf in leaves])
        for tensor, leaf in zip(found, leaves):
            tensor.set_shape(leaf.shape)
        return tuple(found)

    def scalar(function: Callable[..., Any], inputs: Any) -> Any:
        made = F.py_func(function, inputs, int64)
        made.set_shape([])
        return made

    def elements(_: Any) -> Any:
        one = structure.Leaf(int64, ())
        init = Function("generator_init", lambda: scalar(running.begin, tensors), ())
        following, final = Function("generator_next", step, one), Function("generator_finalize", lambda n: scalar(running.end, [n]), one)
        kinds = {f"T{name}_func_args": tuple(t.dtype for t in f.captured)
                 for name, f in (("init", init), ("next", following), ("finalize", final))}
        made = make(GeneratorDataset, init.captured, following.captured, final.captured, name=None, init_func=init.name,
                    next_func=following.name, finalize_func=final.name, **kinds, **structure.flat_attributes(form))
        return cls(made, form)

    once = cls.from_tensors(np.int64(0))
    function = Function("Dataset_flat_map", elements, once._structure)
    return cls(make(FlatMapDataset, once._variant, function.captured, name=None, f=function.name, **function.attributes(),
                    **structure.flat_attributes(form)), form)
