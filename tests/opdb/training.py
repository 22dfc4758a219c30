"""The optimizers' update ops: dense and sparse, by reference and by handle; the values of all states after one update."""

from __future__ import annotations

import numpy as np

from . import FLOATING, error, row, sample, zeros
from ._raw import raw

# name -> states, dense inputs, sparse inputs (None: no such op), attributes. `grad` and `indices` are arrays, the rest numbers.
TABLE = {
    "GradientDescent": ("var", "alpha delta", None, {}),
    "Momentum": ("var accum", "lr grad momentum", "lr grad indices momentum", {"use_nesterov": True}),
    "Adagrad": ("var accum", "lr grad", "lr grad indices", {}),
    "AdagradV2": ("var accum", "lr epsilon grad", "lr epsilon grad indices", {}),
    "Adadelta": ("var accum accum_update", "lr rho epsilon grad", "lr rho epsilon grad indices", {}),
    "RMSProp": ("var ms mom", "lr rho momentum epsilon grad", "lr rho momentum epsilon grad indices", {}),
    "CenteredRMSProp": ("var mg ms mom", "lr rho momentum epsilon grad", "lr rho momentum epsilon grad indices", {}),
    "Adam": ("var m v", "beta1_power beta2_power lr beta1 beta2 epsilon grad", None, {}),
    "AdaMax": ("var m v", "beta1_power lr beta1 beta2 epsilon grad", None, {}),
    "Ftrl": ("var accum linear", "grad lr l1 l2 lr_power", "grad indices lr l1 l2 lr_power", {}),
    "FtrlV2": ("var accum linear", "grad lr l1 l2 l2_shrinkage lr_power", "grad indices lr l1 l2 l2_shrinkage lr_power", {}),
    "ProximalGradientDescent": ("var", "alpha l1 l2 delta", "alpha l1 l2 grad indices", {}),
    "ProximalAdagrad": ("var accum", "lr l1 l2 grad", "lr l1 l2 grad indices", {}),
    "AdagradDA": ("var gradient_accumulator gradient_squared_accumulator", "grad lr l1 l2 global_step",
                  "grad indices lr l1 l2 global_step", {}),
    "PowerSign": ("var m", "lr logbase sign_decay beta grad", None, {}),
    "AddSign": ("var m", "lr alpha sign_decay beta grad", None, {}),
}
NUMBERS = {"alpha": 0.1, "lr": 0.1, "momentum": 0.9, "epsilon": 1e-3, "rho": 0.95, "beta1_power": 0.9, "beta2_power": 0.99, "beta1": 0.9,
           "beta2": 0.99, "l1": 0.01, "l2": 0.02, "l2_shrinkage": 0.03, "lr_power": -0.5, "logbase": 1.0, "sign_decay": 0.8, "beta": 0.9}
ONLY_RESOURCE = ("AdaMax",)      # TensorFlow's reference kernel of it does not exist


def number(name, like):
    return np.array(3, np.int64) if name == "global_step" else np.asarray(NUMBERS[name], like.dtype)


def expected(name, states, given):
    """One update by the papers' formulas, written out once more."""
    var = states[0]
    g = given.get("grad", given.get("delta"))
    k = {n: v for n, v in given.items() if n not in ("grad", "delta")}
    lr = k.get("lr", k.get("alpha"))

    def shrink(x, rate):
        return np.sign(x) * np.maximum(np.abs(x) - rate * k["l1"], 0) / (1 + rate * k["l2"])
    if name == "GradientDescent":
        return [var - lr * g]
    if name == "Momentum":
        accum = states[1] * k["momentum"] + g
        return [var - lr * (g + k["momentum"] * accum), accum]
    if name in ("Adagrad", "AdagradV2", "ProximalAdagrad"):
        accum = states[1] + g ** 2
        rate = lr / (np.sqrt(accum) + k.get("epsilon", 0))
        new = var - rate * g
        return [shrink(new, rate) if name == "ProximalAdagrad" else new, accum]
    if name == "Adadelta":
        accum = k["rho"] * states[1] + (1 - k["rho"]) * g ** 2
        step = np.sqrt(states[2] + k["epsilon"]) / np.sqrt(accum + k["epsilon"]) * g
        return [var - lr * step, accum, k["rho"] * states[2] + (1 - k["rho"]) * step ** 2]
    if name in ("RMSProp", "CenteredRMSProp"):
        mean = [] if name == "RMSProp" else [k["rho"] * states[1] + (1 - k["rho"]) * g]
        square = k["rho"] * states[-2] + (1 - k["rho"]) * g ** 2
        variance = square - (mean[0] ** 2 if mean else 0)
        move = k["momentum"] * states[-1] + lr * g / np.sqrt(variance + k["epsilon"])
        return [var - move, *mean, square, move]
    if name in ("Adam", "AdaMax"):
        m = k["beta1"] * states[1] + (1 - k["beta1"]) * g
        if name == "AdaMax":
            v = np.maximum(k["beta2"] * states[2], np.abs(g))
            return [var - lr / (1 - k["beta1_power"]) * m / (v + k["epsilon"]), m, v]
        v = k["beta2"] * states[2] + (1 - k["beta2"]) * g ** 2
        rate = lr * np.sqrt(1 - k["beta2_power"]) / (1 - k["beta1_power"])
        return [var - rate * m / (np.sqrt(v) + k["epsilon"]), m, v]
    if name in ("Ftrl", "FtrlV2"):
        accum = states[1] + g ** 2
        linear = states[2] + g + 2 * k.get("l2_shrinkage", 0) * var - (accum ** 0.5 - states[1] ** 0.5) / lr * var
        quadratic = accum ** 0.5 / lr + 2 * k["l2"]
        return [np.where(np.abs(linear) > k["l1"], (np.sign(linear) * k["l1"] - linear) / quadratic, 0), accum, linear]
    if name == "ProximalGradientDescent":
        return [shrink(var - lr * g, lr)]
    if name == "AdagradDA":
        total, square, t = states[1] + g, states[2] + g ** 2, float(k["global_step"])
        new = -lr * np.sign(total) * np.maximum(np.abs(total) - k["l1"] * t, 0) / (k["l2"] * t * lr + np.sqrt(square))
        return [new, total, square]
    m = k["beta"] * states[1] + (1 - k["beta"]) * g
    agree = k["sign_decay"] * np.sign(g) * np.sign(m)
    factor = np.exp(k["logbase"] * agree) if name == "PowerSign" else k.get("alpha", 0) + agree
    return [var - k["lr"] * factor * g, m]


def updated(op, state_names, input_names, attributes, resource):
    """The function of a row: assigns the states, runs the update, reads them."""
    def function(tf, *values):
        states, rest = values[:len(state_names)], values[len(state_names):]
        variables = [tf.Variable(tf.zeros(v.shape, v.dtype), use_resource=resource) for v in states]
        with tf.control_dependencies([getattr(a, "op", a) for a in (v.assign(s) for v, s in zip(variables, states))]):
            targets = {n: v.handle if resource else v._ref() for n, v in zip(state_names, variables)}
            update = raw(tf, op, **targets, **dict(zip(input_names, [tf.identity(r) for r in rest])), **attributes)
        with tf.control_dependencies([update]):
            return [v.read_value() for v in variables]
    return function


def register(name, style, is_sparse):
    states, dense, sparse, attributes = TABLE[name]
    state_names, input_names = states.split(), (sparse if is_sparse else dense).split()
    op = ("Resource" if style == "resource" else "") + ("Sparse" if is_sparse else "") + "Apply" + name

    def samples(rand):
        shape = (4, 3)
        arrays = [rand(*shape) if n == "var" else np.abs(rand(*shape)) + 0.5 for n in state_names]
        if name == "CenteredRMSProp":
            arrays[1] = arrays[1] * 0.1
        rest = []
        for n in input_names:
            if n in ("grad", "delta"):
                rest.append(rand(2, 3) if is_sparse else rand(*shape))
            elif n == "indices":
                rest.append(np.array([3, 1]))
            else:
                rest.append(number(n, np.zeros((), np.float64)))
        return [sample(*arrays, *rest)]

    def reference(*values):
        arrays, given = list(values[:len(state_names)]), dict(zip(input_names, values[len(state_names):]))
        if not is_sparse:
            return expected(name, arrays, given)
        rows = given.pop("indices")
        out = [a.copy() for a in arrays]
        for a, new in zip(out, expected(name, [a[rows] for a in arrays], given)):
            a[rows] = new
        return out

    errors = []
    if is_sparse and name == "Adagrad":
        errors = [error("errors.InvalidArgumentError", "5", zeros(4, 3), zeros(4, 3), np.float32(0.1), zeros(1, 3), np.array([5]))]
    elif not is_sparse:
        bad = [zeros(2, 3) if n in ("grad", "delta") else number(n, zeros(1)) for n in input_names]
        errors = [error(ValueError, "", *[zeros(4, 3)] * len(state_names), *bad)]
    row(op, updated(op, state_names, input_names, attributes, style == "resource"), name=op, dtypes=FLOATING, samples=samples,
        reference=reference, gradient=False, shapes=False, nodes="variables' own nodes are compared in tests/core/test_names.py",
        oracle="TensorFlow has no such kernel" if name in ONLY_RESOURCE and style == "ref" else True, errors=errors, tolerance=4.0)


for name, (_, _, sparse, _) in TABLE.items():
    for style in ("ref", "resource"):
        if name in ONLY_RESOURCE and style == "ref":
            register(name, style, False)
            continue
        register(name, style, False)
        if sparse is not None:
            register(name, style, True)
