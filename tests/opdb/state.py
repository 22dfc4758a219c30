"""Ops on variables. Each call assigns the variable first, so that one run does it all."""

from __future__ import annotations

import numpy as np

from . import FLOATING, HALF, INTEGER, error, row, sample, zeros
from ._raw import raw


def ref(tf, value):
    """A ref-style variable, just assigned."""
    start = tf.zeros(value.shape, value.dtype)
    return tf.assign(tf.Variable(start, use_resource=False, validate_shape=value.shape.is_fully_defined()), value, validate_shape=False)


def on_resource(tf, value, use):
    """use(v) for a resource variable v that has just been assigned."""
    shape = value.shape if value.shape.is_fully_defined() else tf.TensorShape(None)
    variable = tf.Variable(tf.zeros(shape, value.dtype), use_resource=True)
    with tf.control_dependencies([variable.assign(value)]):
        return use(variable)


def combined(how, old, new):
    return {"update": lambda: new, "add": lambda: old + new, "sub": lambda: old - new, "mul": lambda: old * new,
            "div": lambda: old / new if old.dtype.kind == "f" else np.trunc(old / new).astype(old.dtype),
            "min": lambda: np.minimum(old, new), "max": lambda: np.maximum(old, new)}[how]()


def rows_reference(how):
    def reference(value, indices, updates):
        out = value.copy()
        updates = np.broadcast_to(updates, indices.shape + value.shape[1:]).reshape(-1, *value.shape[1:])
        for index, new in zip(indices.ravel(), updates, strict=True):
            out[index] = combined(how, out[index], new)
        return out
    return reference


def elements_reference(how):
    def reference(value, indices, updates):
        out = value.copy()
        for place in np.ndindex(indices.shape[:-1]):
            where = tuple(indices[place])
            out[where] = combined(how, out[where], updates[place])
        return out
    return reference


def row_samples(rand):
    return [sample(rand(4, 3), np.array([1, 3]), rand(2, 3)), sample(rand(4, 3), np.array([[0, 0], [2, 0]], np.int64), rand(2, 2, 3)),
            sample(rand(4), np.array(2), rand()), sample(rand(4, 3), np.array([1, 1]), rand())]


def element_samples(rand):
    return [sample(rand(4, 3), np.array([[1, 2], [3, 0]]), rand(2)), sample(rand(4, 3), np.array([[[0], [0]]]), rand(1, 2, 3)),
            sample(rand(4), np.array([[1]], np.int64), rand(1))]


ROW_ERRORS = [error("errors.InvalidArgumentError", "is not in [0, 4)", zeros(4, 3), np.array([1, 4]), zeros(2, 3))]
ELEMENT_ERRORS = [error("errors.InvalidArgumentError", "does not index into", zeros(4, 3), np.array([[1, 3]]), zeros(1))]
WHY = "the variables' own nodes are compared in tests/ops/test_state.py"



def on_ref_rows(how):
    return lambda tf, v, i, u: getattr(tf, f"scatter_{how}")(ref(tf, v), i, u)


def on_resource_rows(how):
    return lambda tf, v, i, u: on_resource(tf, v, lambda r: getattr(tf, f"scatter_{how}")(r, i, u).value())


def on_raw_resource(op):
    def use(tf, v, i, u):
        def write(r):
            with tf.control_dependencies([raw(tf, op, ref=r.handle, indices=i, updates=u)]):
                return r.value()
        return on_resource(tf, v, write)
    return use


def on_raw_ref(op):
    return lambda tf, v, i, u: raw(tf, op, ref=ref(tf, v), indices=i, updates=u)


COMMON = {"gradient": False, "shapes": False, "nodes": WHY}
for how in ("update", "add", "sub", "mul", "div", "min", "max"):
    options = {**COMMON, "dtypes": FLOATING if how == "div" else FLOATING + HALF + INTEGER, "domain": (0.5, 3.0), "samples": row_samples,
               "reference": rows_reference(how), "errors": ROW_ERRORS}
    row(f"Scatter{how.capitalize()}", on_ref_rows(how), name=f"scatter_{how}", **options)
    row(f"ResourceScatter{how.capitalize()}", on_resource_rows(how), name=f"scatter_{how} of a resource", **options)
for how in ("nd_update", "nd_add", "nd_sub"):
    op = "Nd" + how[3:].capitalize()
    options = {**COMMON, "dtypes": FLOATING + INTEGER, "samples": element_samples, "reference": elements_reference(how[3:]),
               "errors": ELEMENT_ERRORS}
    row(f"Scatter{op}", on_ref_rows(how), name=f"scatter_{how}", **options)
    row(f"ResourceScatter{op}", on_resource_rows(how), name=f"scatter_{how} of a resource", **options)
for how in ("min", "max"):
    op = "ScatterNd" + how.capitalize()
    options = {**COMMON, "dtypes": FLOATING, "samples": element_samples, "reference": elements_reference(how)}
    row(f"Resource{op}", on_raw_resource(f"Resource{op}"), name=f"Resource{op}", **options)
    row(op, on_raw_ref(op), name=op, oracle="TensorFlow has no function for the ref style", **options)

row("CountUpTo", lambda tf, v: tf.count_up_to(ref(tf, v), 7), name="count_up_to", dtypes=INTEGER, reference=lambda v: v,
    samples=lambda rand: [sample(rand())], errors=[error("errors.OutOfRangeError", "Reached limit of 7", np.array(7, np.int32))], **COMMON)
row("ResourceCountUpTo", lambda tf, v: on_resource(tf, v, lambda r: tf.count_up_to(r, 7)), name="count_up_to of a resource",
    dtypes=INTEGER, reference=lambda v: v, samples=lambda rand: [sample(rand())], **COMMON)
row("ResourceGather", lambda tf, v, i: on_resource(tf, v, lambda r: tf.gather(r, i)), name="gather of a resource", dtypes=FLOATING,
    reference=lambda v, i: v[i], samples=lambda rand: [sample(rand(4, 3), np.array([[1, 2], [0, 2]]))],
    errors=[error("errors.InvalidArgumentError", "is not in [0, 4)", zeros(4), np.array([4]))], **COMMON)
row("ResourceGatherNd", lambda tf, v, i: on_resource(tf, v, lambda r: tf.gather_nd(r, i)), name="gather_nd of a resource",
    dtypes=FLOATING, reference=lambda v, i: v[tuple(i.T)], samples=lambda rand: [sample(rand(4, 3), np.array([[1, 2], [0, 2]]))], **COMMON)
row("VariableShape", lambda tf, v: on_resource(tf, v, lambda r: raw(tf, "VariableShape", input=r.handle)), name="VariableShape",
    dtypes=("float32",), reference=lambda v: np.array(v.shape, np.int32), samples=lambda rand: [sample(rand(4, 3))], **COMMON)
row(("Assign", "VariableV2"), lambda tf, v: ref(tf, v), name="assign", dtypes=FLOATING + HALF + INTEGER, reference=lambda v: v,
    samples=lambda rand: [sample(rand(2, 3)), sample(rand())], **COMMON)
row(("AssignVariableOp", "VarHandleOp", "ReadVariableOp"), lambda tf, v: on_resource(tf, v, lambda r: r.value()), name="assign a resource",
    dtypes=FLOATING + HALF + INTEGER, reference=lambda v: v, samples=lambda rand: [sample(rand(2, 3)), sample(rand())], **COMMON)
for how, sign in (("add", 1), ("sub", -1)):
    options = {**COMMON, "dtypes": FLOATING + HALF + INTEGER, "reference": lambda v, d, sign=sign: v + sign * d,
               "samples": lambda rand: [sample(rand(2, 3), rand(2, 3)), sample(rand(), rand())]}
    row(f"Assign{how.capitalize()}", lambda tf, v, d, how=how: getattr(tf, f"assign_{how}")(ref(tf, v), d), name=f"assign_{how}", **options)
    row(f"Assign{how.capitalize()}VariableOp",
        lambda tf, v, d, how=how: on_resource(tf, v, lambda r: getattr(r, f"assign_{how}")(d).value()),
        name=f"assign_{how} to a resource", **options)
row("IsVariableInitialized", lambda tf, v: tf.is_variable_initialized(tf.Variable(tf.zeros([2]), use_resource=False)),
    dtypes=("float32",), name="is_variable_initialized",
    reference=lambda v: np.array(False), samples=lambda rand: [sample(rand(1))], **COMMON)
row("VarIsInitializedOp", lambda tf, v: on_resource(tf, v, tf.is_variable_initialized), dtypes=("float32",),
    name="is_variable_initialized of a resource", reference=lambda v: np.array(True), samples=lambda rand: [sample(rand(1))], **COMMON)
row("Variable", lambda tf, v: tf.assign(raw(tf, "Variable", shape=[2, 3], dtype="float32"), v), name="Variable of TF 0.x", dtypes=("float32",),
    reference=lambda v: v, oracle="TensorFlow has no function that makes it", samples=lambda rand: [sample(rand(2, 3))], **COMMON)
