"""Small programs with branches and loops, whose nodes, values, static shapes and gradients of two orders must be TensorFlow's (with its
control flow v2). Each row is a function of a `Case`: inputs by short names, and `tf`, which is either library.
"""

from __future__ import annotations

import collections

import numpy as np

from tests.ops.control_flow.gradients_inside import GRADIENTS_INSIDE

Pair = collections.namedtuple("Pair", "first second")


def prepare(tf):
    """Called in TensorFlow's process before the programs."""
    tf.enable_control_flow_v2()


class Case:
    """s, t: float scalars 0.5 and -1.5. x: float [3]. m: float [None, 2]. n: int scalar 3. yes, no: bools. All may be fed."""

    def __init__(self, tf):
        self.tf = tf
        default = tf.placeholder_with_default
        self.s, self.t = default(np.float32(0.5), [], name="s"), default(np.float32(-1.5), [], name="t")
        self.x = default(np.array([0.3, -0.7, 1.1], np.float32), [3], name="x")
        self.m = default(np.array([[0.5, 1.0], [-0.5, 0.25], [1.5, -1.0]], np.float32), [None, 2], name="m")
        self.n = default(np.int32(3), [], name="n")
        self.yes, self.no = default(True, [], name="yes"), default(False, [], name="no")

    @property
    def floats(self):
        return [self.s, self.t, self.x, self.m]


COND = {
    "cond_taken": lambda c: c.tf.cond(c.yes, lambda: c.s * c.s * c.t, lambda: c.s + c.t),
    "cond_not_taken": lambda c: c.tf.cond(c.no, lambda: c.s * c.s * c.t, lambda: c.s * 3.0 + c.t * c.t),
    "cond_of_comparison": lambda c: c.tf.cond(c.s > c.t, lambda: c.s * c.t, lambda: c.t),
    "cond_known": lambda c: c.tf.cond(c.tf.constant(True), lambda: c.s * c.t, lambda: c.t),
    "cond_known_false": lambda c: c.tf.cond(c.tf.constant(False), lambda: c.s * c.t, lambda: c.t * c.t),
    "cond_vector": lambda c: c.tf.cond(c.yes, lambda: c.tf.sin(c.x) * c.s, lambda: c.x),
    "cond_unknown_size": lambda c: c.tf.cond(c.yes, lambda: c.m * c.s, lambda: c.tf.zeros([1, 2])),
    "cond_shapes_differ": lambda c: c.tf.cond(c.yes, lambda: c.x * c.s, lambda: c.tf.ones([4]) * c.t),
    "cond_ranks_differ": lambda c: c.tf.reduce_sum(c.tf.cond(c.no, lambda: c.x * c.s, lambda: c.t * c.t)),
    "cond_captures_nothing": lambda c: c.tf.cond(c.yes, lambda: c.tf.constant(1.0), lambda: c.tf.constant(2.0)) * c.s * c.s,
    "cond_python_numbers": lambda c: c.tf.cond(c.yes, lambda: 1.5, lambda: 2.5) * c.s * c.s,
    "cond_outer_tensors": lambda c: c.tf.cond(c.no, lambda: c.s, lambda: c.t) * c.s,
    "cond_same_tensor": lambda c: c.tf.cond(c.no, lambda: c.s, lambda: c.s) * c.s,
    "cond_list": lambda c: _sum(c.tf.cond(c.yes, lambda: [c.s * c.t, c.x * c.s], lambda: [c.t, c.x])),
    "cond_tuple": lambda c: _sum(c.tf.cond(c.no, lambda: (c.s * c.t, c.x * c.s), lambda: (c.t, c.x * c.x))),
    "cond_dict": lambda c: _sum(c.tf.cond(c.yes, lambda: {"b": c.s * c.t, "a": c.x}, lambda: {"a": c.x * 2.0, "b": c.t})),
    "cond_named_tuple": lambda c: c.tf.cond(c.yes, lambda: Pair(c.s * c.s, c.t), lambda: Pair(c.t, c.s)).first * c.s,
    "cond_nested_structure": lambda c: _sum(
        c.tf.cond(c.yes, lambda: [c.s * c.t, {"a": (c.x * c.s, c.t)}], lambda: [c.t, {"a": (c.x, c.s)}])
    ),
    "cond_one_gradient_missing": lambda c: c.tf.cond(c.yes, lambda: c.tf.constant(1.0), lambda: c.s * c.t) * c.s,
    "cond_integer_output": lambda c: c.tf.cast(c.tf.cond(c.yes, lambda: c.n * 2, lambda: c.n), c.tf.float32) * c.s * c.s,
    "cond_mixed_outputs": lambda c: _mixed(c, c.tf.cond(c.yes, lambda: (c.n * 2, c.s * c.s), lambda: (c.n, c.t))),
    "cond_stop_gradient": lambda c: c.tf.cond(c.yes, lambda: c.tf.stop_gradient(c.s) * c.s, lambda: c.t),
    "cond_nested": lambda c: c.tf.cond(c.yes, lambda: c.tf.cond(c.no, lambda: c.s * c.t, lambda: c.s * c.s * c.t), lambda: c.t),
    "cond_nested_other": lambda c: c.tf.cond(
        c.no, lambda: c.s, lambda: c.tf.cond(c.s > 0.0, lambda: c.s * c.t * c.t, lambda: c.t, name="inner")
    ),
    "cond_nested_thrice": lambda c: c.tf.cond(
        c.yes, lambda: c.tf.cond(c.yes, lambda: c.tf.cond(c.no, lambda: c.s, lambda: c.tf.exp(c.s * c.t)) * c.s, lambda: c.t), lambda: c.s
    ),
    "cond_of_cond": lambda c: c.tf.cond(c.tf.cond(c.no, lambda: c.yes, lambda: c.s > c.t), lambda: c.s * c.t * c.s, lambda: c.t),
    "cond_of_conds_output": lambda c: c.tf.cond(c.yes, lambda: c.s, lambda: c.t) * c.tf.cond(c.no, lambda: c.s, lambda: c.t * c.s),
    "cond_twice_the_same_input": lambda c: c.tf.cond(c.yes, lambda: c.s * c.s, lambda: c.s + c.s) + c.s * c.t,
    "cond_matmul": lambda c: c.tf.cond(c.yes, lambda: c.tf.matmul(c.m, c.m, transpose_a=True), lambda: c.tf.eye(2)),
    "cond_reduction": lambda c: c.tf.cond(c.yes, lambda: c.tf.reduce_mean(c.m * c.m, 0), lambda: c.tf.reduce_max(c.m, 0)),
    "cond_gather": lambda c: c.tf.cond(c.yes, lambda: c.tf.gather(c.x, [2, 0, 2]) * c.s, lambda: c.x),
    "cond_gather_computed": lambda c: c.tf.cond(c.yes, lambda: c.tf.gather(c.x * c.s, [c.n - 1, 0]), lambda: c.x[:2]),
    "cond_embedding": lambda c: c.tf.cond(c.yes, lambda: c.tf.nn.embedding_lookup(c.m, [0, 1, 1]) * c.s, lambda: c.m),
    "cond_slices": lambda c: c.tf.cond(c.yes, lambda: c.x[1:] * c.s, lambda: c.x[:2]),
    "cond_control_dependencies": lambda c: _after(c, c.tf.no_op(name="first"), lambda: c.tf.cond(c.yes, lambda: c.s * c.t, lambda: c.t)),
    "cond_depends_on_outer_tensor": lambda c: c.tf.cond(c.yes, lambda: _after(c, c.x, lambda: c.s * c.t), lambda: c.t),
    "cond_depends_on_outer_operation": lambda c: c.tf.cond(c.yes, lambda: _after(c, c.x.op, lambda: c.s * c.t), lambda: c.t),
    "cond_named": lambda c: c.tf.cond(c.yes, lambda: c.s * c.t, lambda: c.t, name="choice"),
    "cond_in_scope": lambda c: _in_scope(c, lambda: c.tf.cond(c.yes, lambda: c.s * c.t, lambda: c.t)),
    "cond_softmax": lambda c: c.tf.cond(c.yes, lambda: c.tf.nn.softmax(c.x * c.s), lambda: c.x),
    "cond_where": lambda c: c.tf.cond(c.yes, lambda: c.tf.where(c.x > 0.0, c.x * c.s, c.x * c.t), lambda: c.x),
    "cond_float64": lambda c: (
        c.tf.cast(c.tf.cond(c.yes, lambda: c.tf.cast(c.s, c.tf.float64) * 2.0, lambda: c.tf.cast(c.t, c.tf.float64)), c.tf.float32) * c.s
    ),
    "cond_custom_gradient": lambda c: c.tf.cond(c.yes, lambda: _custom(c)(c.s) * c.t, lambda: c.t),
    "cond_strict": lambda c: c.tf.cond(c.yes, lambda: [c.s * c.t], lambda: [c.t], strict=True)[0],
    "cond_gradient_inside": lambda c: c.tf.cond(c.yes, lambda: _inside_gradient(c), lambda: c.t),
    "cond_unstack": lambda c: c.tf.cond(c.yes, lambda: c.tf.unstack(c.x * c.s)[1], lambda: c.t),
    "cond_concat": lambda c: c.tf.cond(c.yes, lambda: c.tf.concat([c.x, c.x * c.s], 0), lambda: c.tf.zeros([6])),
}

CASE = {
    "case_first": lambda c: c.tf.case([(c.yes, lambda: c.s * c.t), (c.no, lambda: c.t)], default=lambda: c.s),
    "case_second": lambda c: c.tf.case([(c.no, lambda: c.s * c.t), (c.s > c.t, lambda: c.t * c.t)], default=lambda: c.s),
    "case_default": lambda c: c.tf.case([(c.no, lambda: c.s), (c.no, lambda: c.t)], default=lambda: c.s * c.s * c.t),
    "case_without_default": lambda c: c.tf.case([(c.no, lambda: c.s), (c.yes, lambda: c.t * c.t)]),
    "case_exclusive": lambda c: c.tf.case([(c.yes, lambda: c.s * c.t), (c.no, lambda: c.t)], default=lambda: c.s, exclusive=True),
    "case_exclusive_without_default": lambda c: c.tf.case([(c.yes, lambda: c.s * c.t), (c.no, lambda: c.t)], exclusive=True),
    "case_one_pair": lambda c: c.tf.case([(c.yes, lambda: c.s * c.t)], default=lambda: c.t),
    "case_named": lambda c: c.tf.case([(c.no, lambda: c.s), (c.no, lambda: c.t)], default=lambda: c.s * c.t, name="which"),
    "case_structure": lambda c: _sum(c.tf.case([(c.yes, lambda: [c.s * c.s, c.x])], default=lambda: [c.t, c.x * 2.0])),
    "switch_case_list": lambda c: c.tf.switch_case(c.n - 2, [lambda: c.s, lambda: c.s * c.t, lambda: c.t]),
    "switch_case_first": lambda c: c.tf.switch_case(c.n - 3, [lambda: c.s * c.s, lambda: c.s * c.t, lambda: c.t]),
    "switch_case_last": lambda c: c.tf.switch_case(c.n - 1, [lambda: c.s, lambda: c.s * c.t, lambda: c.t * c.t]),
    "switch_case_out_of_range": lambda c: c.tf.switch_case(c.n + 4, [lambda: c.s, lambda: c.s * c.t, lambda: c.t * c.t]),
    "switch_case_negative": lambda c: c.tf.switch_case(c.n - 5, [lambda: c.s, lambda: c.s * c.t, lambda: c.t * c.t]),
    "switch_case_dict": lambda c: c.tf.switch_case(c.n - 2, {1: lambda: c.s * c.t, 0: lambda: c.s}, default=lambda: c.t),
    "switch_case_default": lambda c: c.tf.switch_case(c.n, {0: lambda: c.s, 1: lambda: c.s * c.t}, default=lambda: c.t * c.t * c.s),
    "switch_case_two": lambda c: c.tf.switch_case(c.n, [lambda: c.s, lambda: c.s * c.t]),
    "switch_case_shapes": lambda c: c.tf.switch_case(c.n - 2, [lambda: c.x, lambda: c.x[:2] * c.s, lambda: c.x]),
    "switch_case_in_cond": lambda c: c.tf.cond(c.yes, lambda: c.tf.switch_case(c.n - 2, [lambda: c.s, lambda: c.s * c.t]), lambda: c.t),
}


def _loop(c, body, *values, count=None, **options):
    """The loop variables after `count` (n) turns of body(i, *values)."""
    count = c.n if count is None else count
    return c.tf.while_loop(lambda i, *_: i < count, lambda i, *vs: [i + 1, *body(i, *vs)], [0, *values], **options)[1:]


def _shape(c, *dims):
    return c.tf.TensorShape(list(dims))


WHILE = {
    "while_power": lambda c: _loop(c, lambda i, a: [a * c.s], c.s)[0],
    "while_no_turn": lambda c: _loop(c, lambda i, a: [a * c.s], c.s, count=0)[0],
    "while_no_turn_fed": lambda c: _loop(c, lambda i, a: [a * c.s], c.s * c.t, count=c.n - 3)[0],
    "while_one_turn": lambda c: _loop(c, lambda i, a: [a * c.s * a], c.t, count=1)[0],
    "while_limited": lambda c: _loop(c, lambda i, a: [a * c.s], c.s, count=10, maximum_iterations=2)[0],
    "while_limit_tensor": lambda c: _loop(c, lambda i, a: [a * c.s], c.s, count=10, maximum_iterations=c.n)[0],
    "while_limit_zero": lambda c: _loop(c, lambda i, a: [a * c.s], c.s * c.s, count=10, maximum_iterations=0)[0],
    "while_two_values": lambda c: _sum(_loop(c, lambda i, a, b: [a * b, b * c.s], c.s, c.t)),
    "while_value_kept": lambda c: _sum(_loop(c, lambda i, a, b: [a * b, b], c.s, c.t)),
    "while_value_constant": lambda c: _sum(_loop(c, lambda i, a, b: [a * b, c.tf.constant(2.0)], c.s, c.t)),
    "while_value_captured": lambda c: _sum(_loop(c, lambda i, a, b: [a * b, c.s], c.s, c.t)),
    "while_value_unused": lambda c: _loop(c, lambda i, a, b: [a * c.t, b * c.s], c.s, c.t)[0],
    "while_vector": lambda c: _loop(c, lambda i, a: [c.tf.tanh(a * c.x + c.s)], c.x)[0],
    "while_uses_counter": lambda c: _loop(c, lambda i, a: [a * c.s + c.tf.cast(i, c.tf.float32)], c.t)[0],
    "while_condition_on_value": lambda c: c.tf.while_loop(lambda a: a < 4.0, lambda a: a + c.s * a, [c.s]),
    "while_condition_of_two": lambda c: c.tf.while_loop(
        lambda i, a: c.tf.logical_and(i < c.n, a < 10.0), lambda i, a: (i + 1, a * a + c.s), [0, c.s]
    )[1],
    "while_single_value": lambda c: c.tf.while_loop(lambda a: c.tf.reduce_sum(a) < 9.0, lambda a: [a * 1.5], [c.x * c.x + c.s]),
    "while_same_structure": lambda c: c.tf.while_loop(lambda a: a < 4.0, lambda a: [a * 2.0], [c.s], return_same_structure=True)[0] * c.s,
    "while_dict": lambda c: _sum(_loop(c, lambda i, d: [{"a": d["a"] * c.s, "b": d["a"] + d["b"]}], {"a": c.s, "b": c.t})),
    "while_nested_structure": lambda c: _sum(_loop(c, lambda i, d: [(d[0] * c.s, [d[1][0] + d[0]])], (c.s, [c.t]))),
    "while_named_tuple": lambda c: _sum(_loop(c, lambda i, p: [Pair(p.first * p.second, p.second * c.s)], Pair(c.s, c.t))),
    "while_grows": lambda c: _loop(c, lambda i, a: [c.tf.concat([a, a[-1:] * c.s], 0)], c.x, shape_invariants=[_shape(c), _shape(c, None)])[
        0
    ],
    "while_shrinks": lambda c: _loop(
        c, lambda i, a: [a[1:] * c.s], c.tf.concat([c.x, c.x], 0), shape_invariants=[_shape(c), _shape(c, None)]
    )[0],
    "while_unknown_rank": lambda c: c.tf.reduce_sum(
        _loop(c, lambda i, a: [c.tf.expand_dims(a, 0) * c.s], c.x, shape_invariants=[_shape(c), c.tf.TensorShape(None)])[0]
    ),
    "while_forgets_size": lambda c: _loop(c, lambda i, a: [a * c.s], c.x, shape_invariants=[_shape(c), _shape(c, None)])[0],
    "while_partial_shape": lambda c: _loop(
        c, lambda i, a: [c.tf.concat([a, a * c.s], 0)], c.m, shape_invariants=[_shape(c), _shape(c, None, 2)], count=2
    )[0],
    "while_no_back_prop": lambda c: _loop(c, lambda i, a: [a * c.s], c.s, back_prop=False)[0] * c.t * c.t,
    "while_parallel_iterations": lambda c: _loop(c, lambda i, a: [a * c.s], c.t, parallel_iterations=1)[0],
    "while_swap_memory": lambda c: _loop(c, lambda i, a: [a * c.s], c.t, swap_memory=True)[0],
    "while_named": lambda c: _loop(c, lambda i, a: [a * c.s], c.t, name="turns")[0],
    "while_in_scope": lambda c: _in_scope(c, lambda: _loop(c, lambda i, a: [a * c.s], c.t)[0]),
    "while_stop_gradient": lambda c: _loop(c, lambda i, a: [c.tf.stop_gradient(a) * c.s], c.t)[0],
    "while_stop_gradient_capture": lambda c: _loop(c, lambda i, a: [a * c.tf.stop_gradient(c.s) + c.s], c.t)[0],
    "while_custom_gradient": lambda c: _loop(c, lambda i, a: [_custom(c)(a) * c.s], c.t)[0],
    "while_gather": lambda c: _loop(c, lambda i, a: [a + c.tf.gather(c.x, i) * a], c.s)[0],
    "while_embedding": lambda c: _loop(c, lambda i, a: [a + c.tf.nn.embedding_lookup(c.m, [i, 0])], c.tf.zeros([2, 2]))[0],
    "while_slice": lambda c: _loop(c, lambda i, a: [a + c.x[i] * c.s], c.s)[0],
    "while_reduction": lambda c: _loop(c, lambda i, a: [a * c.tf.reduce_sum(a * c.x)], c.x)[0],
    "while_softmax": lambda c: _loop(c, lambda i, a: [c.tf.nn.softmax(a * c.s + c.x)], c.x)[0],
    "while_float64": lambda c: c.tf.cast(_loop(c, lambda i, a: [a * 1.5], c.tf.cast(c.s, c.tf.float64))[0], c.tf.float32) * c.s,
    "while_integers": lambda c: c.tf.cast(_loop(c, lambda i, a: [a * 2 + i], c.n)[0], c.tf.float32) * c.s * c.s,
    "while_boolean": lambda c: c.tf.while_loop(lambda go, a: go, lambda go, a: (a < 2.0, a * 2.0), [c.yes, c.s])[1] * c.s,
    "while_step_from_outside": lambda c: c.tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * c.s), [c.n - 2, c.s])[1],
    "while_in_sequence": lambda c: _loop(c, lambda i, a: [a * c.t], _loop(c, lambda i, a: [a * c.s], c.s)[0])[0],
    "while_side_by_side": lambda c: _loop(c, lambda i, a: [a * c.t], c.s)[0] * _loop(c, lambda i, a: [a * c.s], c.t)[0],
    "while_nested": lambda c: _loop(c, lambda i, a: _loop(c, lambda j, b: [b * c.s], a, count=i), c.t)[0],
    "while_nested_captures": lambda c: _loop(c, lambda i, a: _loop(c, lambda j, b: [b * a], c.s, count=2), c.t, count=2)[0],
    "while_nested_thrice": lambda c: _loop(
        c, lambda i, a: _loop(c, lambda j, b: _loop(c, lambda k, d: [d * c.s], b, count=1), a, count=2), c.t, count=2
    )[0],
    "while_nested_vector": lambda c: _loop(c, lambda i, a: _loop(c, lambda j, b: [c.tf.sin(b) * c.x], a, count=2), c.x, count=2)[0],
    "while_nested_limited": lambda c: _loop(
        c, lambda i, a: _loop(c, lambda j, b: [b * c.s], a, count=5, maximum_iterations=2), c.t, count=5, maximum_iterations=2
    )[0],
    "while_of_cond": lambda c: _loop(c, lambda i, a: [c.tf.cond(i < 1, lambda: a * c.s, lambda: a * a * c.t)], c.t)[0],
    "while_of_cond_on_value": lambda c: _loop(c, lambda i, a: [c.tf.cond(a > 0.0, lambda: a * c.t, lambda: a * a * c.s)], c.t)[0],
    "while_of_cond_structure": lambda c: _sum(
        _loop(c, lambda i, a, b: c.tf.cond(i > 0, lambda: [a * b, b], lambda: [b, a * c.s]), c.s, c.t)
    ),
    "while_of_nested_cond": lambda c: _loop(
        c, lambda i, a: [c.tf.cond(i < 1, lambda: a * c.s, lambda: c.tf.cond(a > 0.0, lambda: a * a, lambda: a * c.t))], c.t
    )[0],
    "while_of_case": lambda c: _loop(
        c, lambda i, a: [c.tf.case([(i < 1, lambda: a * c.s), (i < 2, lambda: a * a)], default=lambda: a * c.t)], c.t
    )[0],
    "while_of_switch_case": lambda c: _loop(c, lambda i, a: [c.tf.switch_case(i, [lambda: a * c.s, lambda: a * a, lambda: a * c.t])], c.t)[
        0
    ],
    "cond_of_while": lambda c: c.tf.cond(c.yes, lambda: _loop(c, lambda i, a: [a * c.s], c.t)[0], lambda: c.s),
    "cond_of_while_not_taken": lambda c: c.tf.cond(c.no, lambda: _loop(c, lambda i, a: [a * c.s], c.t)[0], lambda: c.s * c.t),
    "cond_of_while_of_cond": lambda c: c.tf.cond(
        c.yes, lambda: _loop(c, lambda i, a: [c.tf.cond(i < 1, lambda: a * c.s, lambda: a * a)], c.t)[0], lambda: c.s
    ),
    "while_of_cond_of_while": lambda c: _loop(
        c, lambda i, a: [c.tf.cond(i < 1, lambda: _loop(c, lambda j, b: [b * c.s], a, count=2)[0], lambda: a * a)], c.t, count=2
    )[0],
    "while_control_dependencies": lambda c: _loop(c, lambda i, a: [_after(c, c.tf.constant(1.0), lambda: a * c.s)], c.t)[0],
    "while_depends_on_outer_operation": lambda c: _loop(c, lambda i, a: [_after(c, c.x.op, lambda: a * c.s)], c.t)[0],
    "while_after": lambda c: _after(c, c.tf.no_op(name="first"), lambda: _loop(c, lambda i, a: [a * c.s], c.t)[0]),
    "while_sparse_value": lambda c: c.tf.sparse.to_dense(
        c.tf.while_loop(
            lambda i, sp: i < c.n,
            lambda i, sp: (i + 1, c.tf.SparseTensor(sp.indices, sp.values * c.s, sp.dense_shape)),
            [0, c.tf.SparseTensor([[0], [2]], c.x[:2], [3])],
        )[1]
    ),
    "while_unpack": lambda c: _loop(c, lambda i, a: [c.tf.stack(c.tf.unstack(a)[::-1]) * c.s], c.x)[0],
    "while_addn": lambda c: _loop(c, lambda i, a: [c.tf.add_n([a, a * c.s, c.x])], c.x)[0],
    "while_exp": lambda c: _loop(c, lambda i, a: [c.tf.exp(a * c.s) - 1.0], c.t)[0],
    "while_pow": lambda c: _loop(c, lambda i, a: [a**2.0 + c.s], c.t)[0],
    "while_maximum": lambda c: _loop(c, lambda i, a: [c.tf.maximum(a * c.s, c.x)], c.x)[0],
    "while_broadcast": lambda c: _loop(c, lambda i, a: [a * c.m[i] + c.s], c.m)[0],
    "while_reshape": lambda c: _loop(
        c, lambda i, a: [c.tf.reshape(c.tf.reshape(a, [-1]) * c.s, [3, 2])], c.tf.reshape(c.tf.concat([c.x, c.x], 0), [3, 2])
    )[0],
}

ARRAYS = {
    "array_write_read": lambda c: c.tf.TensorArray(c.tf.float32, 2).write(0, c.s * c.s).write(1, c.t).read(0) * c.t,
    "array_stack": lambda c: c.tf.TensorArray(c.tf.float32, 2).write(0, c.s * c.s).write(1, c.t * c.s).stack(),
    "array_stack_unwritten": lambda c: c.tf.TensorArray(c.tf.float32, 3).write(1, c.s * c.s).stack(),
    "array_unstack": lambda c: c.tf.TensorArray(c.tf.float32, 3).unstack(c.x * c.x).read(1) * c.s,
    "array_unstack_stack": lambda c: c.tf.TensorArray(c.tf.float32, c.n).unstack(c.m * c.s).stack(),
    "array_gather": lambda c: c.tf.TensorArray(c.tf.float32, 3).unstack(c.x * c.x).gather([2, 0]),
    "array_scatter": lambda c: c.tf.TensorArray(c.tf.float32, 3).scatter([2, 0, 1], c.x * c.s).stack(),
    "array_concat": lambda c: c.tf.TensorArray(c.tf.float32, 3).unstack(c.m * c.s).concat(),
    "array_concat_uneven": lambda c: c.tf.TensorArray(c.tf.float32, 2, infer_shape=False).write(0, c.x * c.s).write(1, c.x[:1]).concat(),
    "array_split": lambda c: c.tf.TensorArray(c.tf.float32, 2, infer_shape=False).split(c.x * c.s, [1, 2]).read(1),
    "array_split_concat": lambda c: c.tf.TensorArray(c.tf.float32, 2, infer_shape=False).split(c.m * c.s, [1, 2]).concat(),
    "array_size": lambda c: c.tf.cast(c.tf.TensorArray(c.tf.float32, 0, dynamic_size=True).write(3, c.s).size(), c.tf.float32) * c.s * c.s,
    "array_read_twice": lambda c: _twice(c.tf.TensorArray(c.tf.float32, 2, clear_after_read=False).write(0, c.s * c.s)),
    "array_element_shape": lambda c: c.tf.TensorArray(c.tf.float32, 2, element_shape=[None, 2]).write(0, c.m * c.s).read(0),
    "array_identity": lambda c: c.tf.TensorArray(c.tf.float32, 1).write(0, c.s * c.s).identity().read(0),
    "array_in_loop": lambda c: _loop(
        c, lambda i, a: [a.write(i, c.x * c.tf.cast(i, c.tf.float32) * c.s)], c.tf.TensorArray(c.tf.float32, c.n)
    )[0].stack(),
    "array_in_loop_dynamic": lambda c: _loop(
        c, lambda i, a: [a.write(i, c.x * c.s)], c.tf.TensorArray(c.tf.float32, 0, dynamic_size=True, element_shape=[3])
    )[0].stack(),
    "array_in_loop_reads_back": lambda c: _loop(
        c, lambda i, a: [a.write(i + 1, a.read(i) * c.s)], c.tf.TensorArray(c.tf.float32, 4, clear_after_read=False).write(0, c.t)
    )[0].stack(),
    "array_read_in_loop": lambda c: _reads(c, c.tf.TensorArray(c.tf.float32, 3).unstack(c.x * c.s)),
    "array_in_cond": lambda c: c.tf.cond(c.yes, lambda: c.tf.TensorArray(c.tf.float32, 2).unstack(c.x[:2] * c.s).stack(), lambda: c.x[:2]),
    "array_written_in_cond": lambda c: _loop(
        c, lambda i, a: [c.tf.cond(i < 2, lambda: a.write(i, c.s * c.s), lambda: a.write(i, c.t))], c.tf.TensorArray(c.tf.float32, 3)
    )[0].stack(),
    "map_double": lambda c: c.tf.map_fn(lambda a: a * 2.0 * c.s, c.m),
    "map_static": lambda c: c.tf.map_fn(lambda a: a * a, c.x),
    "map_reduce": lambda c: c.tf.map_fn(lambda a: c.tf.reduce_sum(a * a) * c.s, c.m),
    "map_two_inputs": lambda c: c.tf.map_fn(lambda a: a[0] * a[1], (c.m, c.m * c.s), dtype=c.tf.float32),
    "map_two_outputs": lambda c: _sum(c.tf.map_fn(lambda a: (a * a, a * c.s), c.m, dtype=(c.tf.float32, c.tf.float32))),
    "map_dict": lambda c: c.tf.map_fn(lambda a: {"p": a["q"] * c.s}, {"q": c.m}, dtype={"p": c.tf.float32})["p"],
    "map_other_dtype": lambda c: c.tf.map_fn(lambda i: c.tf.gather(c.x, i) * c.s, c.tf.range(c.n), dtype=c.tf.float32),
    "map_no_back_prop": lambda c: c.tf.map_fn(lambda a: a * c.s, c.m, back_prop=False) * c.m * c.m,
    "map_infer_shape_off": lambda c: c.tf.reduce_sum(c.tf.map_fn(lambda a: a * c.s, c.m, infer_shape=False)),
    "map_named": lambda c: c.tf.map_fn(lambda a: a * a, c.m, name="each"),
    "map_nested": lambda c: c.tf.map_fn(lambda a: c.tf.map_fn(lambda b: b * b * c.s, a), c.m),
    "map_of_cond": lambda c: c.tf.map_fn(lambda a: c.tf.cond(a > 0.0, lambda: a * c.s, lambda: a * a), c.x),
    "map_of_while": lambda c: c.tf.map_fn(lambda a: _loop(c, lambda i, b: [b * a], c.s, count=2)[0], c.x),
    "scan_sum": lambda c: c.tf.scan(lambda a, b: a + b * c.s, c.m),
    "scan_product": lambda c: c.tf.scan(lambda a, b: a * b, c.x),
    "scan_initializer": lambda c: c.tf.scan(lambda a, b: a * b + c.s, c.m, initializer=c.tf.ones([2]) * c.t),
    "scan_reverse": lambda c: c.tf.scan(lambda a, b: a * c.s + b, c.m, reverse=True),
    "scan_reverse_initializer": lambda c: c.tf.scan(lambda a, b: a * c.s + b, c.x, initializer=c.t, reverse=True),
    "scan_structure": lambda c: _sum(c.tf.scan(lambda a, b: (a[0] * b, a[1] + b * c.s), c.x, initializer=(c.s, c.t))),
    "scan_no_back_prop": lambda c: c.tf.scan(lambda a, b: a + b, c.m, back_prop=False) * c.m * c.s,
    "scan_named": lambda c: c.tf.scan(lambda a, b: a * b, c.x, name="running"),
    "foldl_sum": lambda c: c.tf.foldl(lambda a, b: a * c.s + b, c.m),
    "foldl_initializer": lambda c: c.tf.foldl(lambda a, b: a * b, c.x, initializer=c.t),
    "foldr_difference": lambda c: c.tf.foldr(lambda a, b: a * c.s - b, c.m),
    "foldr_initializer": lambda c: c.tf.foldr(lambda a, b: a * b, c.x, initializer=c.t),
    "foldr_structure": lambda c: c.tf.foldr(lambda a, b: a * b["p"] + b["q"], {"p": c.x, "q": c.x * c.s}, initializer=c.t),
    "fold_static": lambda c: c.tf.foldl(lambda a, b: a * b * c.s, c.x),
}


def _tensors(structure):
    if isinstance(structure, dict):
        return [t for key in sorted(structure) for t in _tensors(structure[key])]
    return [t for part in structure for t in _tensors(part)] if isinstance(structure, (list, tuple)) else [structure]


def _sum(structure):
    first, *rest = _tensors(structure)
    for t in rest:
        first = first + t
    return first


def _mixed(c, pair):
    return c.tf.cast(pair[0], c.tf.float32) * pair[1]


def _twice(array):
    return array.read(0) + array.read(0)


def _reads(c, array):
    return _loop(c, lambda i, a: [a * array.read(i)], c.t)[0]


def _after(c, first, build):
    with c.tf.control_dependencies([first]):
        return build()


def _in_scope(c, build):
    with c.tf.name_scope("outer"):
        return build()


def _custom(c):
    @c.tf.custom_gradient
    def cube(v):
        return v * v * v, lambda dy: dy * v * 5.0

    return cube


def _inside_gradient(c):
    y = c.s * c.s * c.s * c.t
    return c.tf.gradients(y, c.s)[0] * c.t


# TensorFlow fails to make or run the gradients of these; the second ones of an embedding it takes for None.
FORWARD_ONLY = frozenset(
    {
        "cond_embedding",
        "cond_gather",
        "while_depends_on_outer_operation",
        "while_unknown_rank",
    }
)
FIRST_ONLY = frozenset(["while_embedding"])


def _made(name, build):
    def program(tf):
        case = Case(tf)
        y = build(case)
        static = [] if y.shape.ndims is None else [-1 if d is None else int(d) for d in y.shape.as_list()]
        shape = tf.constant(static + [int(y.shape.ndims is None)], tf.int32, name="static_shape")
        first = [] if name in FORWARD_ONLY else [g for g in tf.gradients(y, case.floats) if g is not None]
        second = [g for g in tf.gradients(first, case.floats) if g is not None] if first and name not in FIRST_ONLY else []
        return [y, shape, *first, *second]

    return program


for _table in (COND, CASE, WHILE, ARRAYS, GRADIENTS_INSIDE):
    for _name, _build in _table.items():
        globals()[f"program_{_name}"] = _made(_name, _build)
