"""Variables, reads and writes in an order that control edges fix, gradients of two orders, training steps.

TensorFlow leaves the order of a read and a write to chance unless something orders them, and a reference variable's read may show a later
write: so the variables that lines write are touched under a chain of control dependencies only, and each read is doubled at once, in a
value of its own.
"""

from __future__ import annotations

from .generate import Generator
from .program import Value, gradients_line, literal


def variable(g: Generator) -> Value:
    """A variable that only training steps write."""
    shape = g.shape(0, 3)
    resource = g.chance(0.4)
    value = g.add(f"tf.Variable({literal(g.array(shape, g.dtype))}, use_resource={resource})", [], shape, g.dtype, letter="v")
    g.variables.append(value)
    return value


def stored(g: Generator) -> tuple[Value, bool]:
    shape = g.shape(0, 2)
    resource = g.chance(0.5)
    code = f"tf.Variable({literal(g.array(shape, g.dtype))}, use_resource={resource})"
    g.stored.append((g.add(code, [], shape, g.dtype, letter="s", keep=False), resource))
    return g.stored[-1]


def touch(g: Generator) -> None:
    """A read or a write of a stored variable, after the one before it."""
    target, _ = g.stored[g.integer(0, len(g.stored) - 1)] if g.stored and g.chance(0.7) else stored(g)
    kind = g.choose(["read", "read", "assign", "assign_add", "assign_sub", "scatter"])
    if kind == "read":
        found = g.add("{}.read_value() * 2.0", [target], target.shape, target.dtype, 1e2, within=g.last_write)
    elif kind == "scatter" and target.rank and target.shape[0]:
        indices = [g.integer(0, target.shape[0] - 1) for _ in range(g.integer(1, 3))]
        update = g.partner((len(indices), *target.shape[1:]), target.dtype)
        how = "scatter_add" if len(set(indices)) < len(indices) else g.choose(["scatter_add", "scatter_update", "scatter_sub"])
        found = g.add(f"tf.{how}({{}}, {indices}, {{}}).op", [target, update], (), "op", letter="w", within=g.last_write, keep=False)
    else:
        how = "assign" if kind == "scatter" else kind
        update = g.partner(target.shape, target.dtype)
        found = g.add(f"tf.{how}({{}}, {{}}).op", [target, update], (), "op", letter="w", within=g.last_write, keep=False)
    g.last_write = found.name


def gradients(g: Generator) -> None:
    """Gradients of a value by inputs, variables and values between; half the time gradients of those too."""
    y = g.pick(lambda v: v.name[0] == "t" and v.dtype == g.dtype)
    xs = [v for v in [*g.placeholders, *g.variables] if v.dtype == g.dtype]
    inner = g.pick(lambda v: v.name[0] == "t" and v.dtype == g.dtype)
    if inner is not None and g.chance(0.3):
        xs.append(inner)
    xs = [x for x in dict.fromkeys(xs) if g.chance(0.8)]
    if y is None or not xs:
        return
    first = differentiate(g, [f"{y.name} * {y.name}" if g.chance(0.5) else y.name], xs)
    if g.chance(0.5) and g.twice:
        differentiate(g, [f"tf.reduce_sum(tf.square({d.name}))" for d in first], xs)


def differentiate(g: Generator, terms: list[str], xs: list[Value]) -> list[Value]:
    targets = [Value(g.name("d"), x.shape, x.dtype, 1e4) for x in xs]
    g.lines.append(gradients_line(targets, terms, [x.name for x in xs]))
    g.values.extend(targets)
    return targets


OPTIMIZERS = ("GradientDescentOptimizer(0.01)", "MomentumOptimizer(0.01, 0.9)", "AdamOptimizer(0.01)", "RMSPropOptimizer(0.01)",
              "AdagradOptimizer(0.01)")


def optimizer(g: Generator) -> Value | None:
    """A training step of a variable. Gated, since TensorFlow else may update one before another's gradient has read it; the loss has
    the variable itself in it, since TensorFlow gates no gradient that is None."""
    y = g.pick(lambda v: v.name[0] == "t" and v.dtype == g.dtype)
    if y is None or not g.variables:
        return None
    name = g.variables[0].name
    code = (f"tf.train.{g.choose(OPTIMIZERS)}.minimize(tf.reduce_sum(tf.square({{}})) + tf.reduce_sum({name}), gate_gradients=2, "
            f"var_list=[{name}])")
    return g.add(code, [y, g.variables[0]], (), "op", letter="w", keep=False)
