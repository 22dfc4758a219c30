"""A model as one Python file that needs numpy only, with its weights in an .npz beside it, or in the file where they are few."""
from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..formats.durable import atomic_file
from . import python_helpers
from .general import Known
from .planned import Planned, planned
from .python_body import Body
from .python_names import Names, identifier
from .python_text import Text, dtype_text, shape_text

INSIDE = 64          # numbers: no more of them stand in the file itself
HELPERS = {name: value for name, value in vars(python_helpers).items() if inspect.isfunction(value)}


def write_python(model: Any, path: str, shapes: Mapping[str, Sequence[int | str]] | None = None) -> dict[str, Any]:
    """Writes `path` (a .py) and, for more than a few weights, the .npz of that name; what was written, as plain data.

    model: `exporting.model.Model`. shapes: see `planned.planned`; errors: as `python_source` raises them.
    """
    source, weights, inside = python_source(model, os.path.basename(path).removesuffix(".py"), shapes)
    if not inside:
        with atomic_file(path.removesuffix(".py") + ".npz") as file:
            np.savez(file, **weights)  # type: ignore[arg-type]
    with atomic_file(path) as file:
        file.write(source.encode())
    return {"lines": source.count("\n"), "weights": len(weights), "wrote": path}


def python_source(model: Any, name: str, shapes: Mapping[str, Sequence[int | str]] | None = None,
                  ) -> tuple[str, dict[str, np.ndarray], bool]:
    """The text of the module `name`, its weights, and whether they stand in it; else it reads them from `name.npz`.

    It has a function `model` that takes the inputs and gives a dict of the outputs, and where the model has a training step a function
    `train_step`, which changes the weights besides. NotImplementedError, naming operation and line, for what numpy cannot do.
    """
    weights: dict[str, np.ndarray] = {}
    functions = []
    if model.outputs:
        functions.append(_function("model", planned(model, shapes=shapes, counted=True), weights))
    if model.train:
        functions.append(_function("train_step", planned(model, model.train, shapes, counted=True), weights))
    inside = sum(w.size for w in weights.values()) <= INSIDE
    return _file(name, functions, weights, inside), weights, inside


def _function(name: str, made: Planned, weights: dict[str, np.ndarray]) -> str:
    """The function of a plan. weights: gets what it needs."""
    names = Names({*HELPERS, name})
    opening: list[str] = []
    constants: dict[int, Text] = {}

    def stored(key: str, array: np.ndarray) -> Text:
        text = Text(names.new(key))
        weights[key] = array
        opening.append(f"    {f'{text.text} = weights[{key!r}]':<60}  # {list(array.shape)}")
        return text

    def array(known: Known) -> Text:
        found = constants.get(id(known.array))
        if found is None:
            key = base = known.name or "constant"
            number = 2
            while key in weights and weights[key] is not known.array:
                key, number = f"{base}_{number}", number + 1
            found = constants[id(known.array)] = stored(key, known.array)
        return found

    names.used.update(made.points.counts)
    body = Body(names, array, made.points.counts)
    feeds = [step for step in made.plan.inputs if step.prim == "feed"]
    arguments = {feed: names.new(given) for feed, given in zip(feeds, made.names)}
    sizes = _sizes(made, arguments, names)
    for feed, text in arguments.items():
        body.texts[feed.id] = Text(text)
    for step in made.plan.inputs:
        if step.prim == "variable":
            body.texts[step.id] = stored(step.par, made.weights[step.par])
    outputs = body.write(made.plan)
    writes = [f"    weights[{key!r}] = {body.text(value).text}" for key, value in made.plan.effects]
    for key, _ in made.plan.effects:
        weights.setdefault(key, made.weights.get(key, np.zeros(())))
    draws = any(text.text == "rng" for text in body.texts.values())
    given = [f"        {key!r}: {text.text}," for key, text in zip(made.outputs, outputs)]
    taken = ", ".join([*arguments.values(), "weights=WEIGHTS", *(["rng=RNG"] if draws else [])])
    lines = ['@np.errstate(all="ignore")', f"def {name}({taken}):", *_described(made, arguments)]
    for feed, text in arguments.items():
        lines.append(f"    {text} = np.asarray({text}, {dtype_text(feed.dtype)})")
    lines += [*sizes, *opening, *body.rendered(), *writes, "    return {", *given, "    }"]
    return "\n".join(lines)


def _sizes(made: Planned, arguments: Mapping[Any, str], names: Names) -> list[str]:
    """Lines that take the open sizes from the inputs, and check the others."""
    lines, known = [], set()
    for (_feed, text), shape in zip(arguments.items(), made.shapes.values()):
        for axis, size in enumerate(shape):
            if isinstance(size, str) and size not in known:
                known.add(size)
                names.used.add(size)
                lines.append(f"    {size} = {text}.shape[{axis}] if {text}.ndim > {axis} else 0")
        lines.append(f"    expect({text!r}, {text}, {shape_text(shape)})")
    return lines


def _described(made: Planned, arguments: Mapping[Any, str]) -> list[str]:
    rows = [f"{text}: {feed.dtype} {_shape(shape)}" for (feed, text), shape in zip(arguments.items(), made.shapes.values())]
    outputs = [f"{key!r}: {value.dtype} {_shape(value.shape)}" for key, value in zip(made.outputs, made.plan.outputs)]
    what = f"The outputs, {{{', '.join(outputs)}}}." if outputs else "Nothing: an empty dict."
    if made.plan.effects:
        what += f" Changes {len(made.plan.effects)} arrays of `weights`."
    return [f'    """{what}', "", *[f"    {row}" for row in rows], '    """'] if rows else [f'    """{what}"""']


def _shape(shape: Any) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape is not None else "[?]"


def _file(name: str, functions: list[str], weights: Mapping[str, np.ndarray], inside: bool) -> str:
    code = "\n\n\n".join(functions)
    helpers = _helpers(code)
    imports = [*(["import math"] if any("math." in helper for helper in helpers) else []), *([] if inside else ["import os"])]
    head = [f'"""{name}: a model as plain numpy, written by graphflow.', "",
            f"    from {identifier(name)} import {', '.join(re.findall('def (model|train_step)', code))}", '"""', *imports,
            *([""] if imports else []), "import numpy as np", ""]
    if inside:
        rows = [f"    {key!r}: np.array({array.tolist()}, {dtype_text(array.dtype)})," for key, array in weights.items()]
        held = ["WEIGHTS = {", *rows, "}"]
    else:
        held = [f'WEIGHTS = dict(np.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "{name}.npz")))']
    if "rng=RNG" in code:
        held += ["RNG = np.random.default_rng()          # of the same laws, but other numbers than the graph's own streams"]
    return "\n".join([*head, *held, "", ""]) + "\n" + "\n\n\n".join([*helpers, code]) + "\n"


def _helpers(code: str) -> list[str]:
    """The sources of the helpers that the code needs, and those that they need, in the order of their module."""
    wanted: set[str] = set()
    asked = [code]
    while asked:
        text = asked.pop()
        for name in HELPERS.keys() - wanted:
            if re.search(rf"(?<![\w.]){name}\(", text):
                wanted.add(name)
                asked.append(inspect.getsource(HELPERS[name]))
    return [inspect.getsource(function).rstrip() for name, function in HELPERS.items() if name in wanted]
