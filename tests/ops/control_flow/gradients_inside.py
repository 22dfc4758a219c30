"""Programs that ask for gradients inside of bodies, by what lies inside, outside or behind a capture: rows for `programs`."""

from __future__ import annotations


def loop(c, body, *values):
    """The loop variables after three turns of body(i, *values)."""
    return c.tf.while_loop(lambda i, *_: i < c.n, lambda i, *v: [i + 1, *body(i, *v)], [0, *values])[1:]


GRADIENTS_INSIDE = {
    "inside_behind_a_capture": lambda c: c.tf.cond(c.yes, _gradients(c, lambda z: z * z, c.s), lambda: c.s),
    "inside_behind_a_capture_not_taken": lambda c: c.tf.cond(c.no, _gradients(c, lambda z: z * z, c.s), lambda: c.s * c.t),
    "inside_through_two_ways": lambda c: c.tf.cond(c.yes, _gradients(c, lambda z: z * c.s + z * c.t, c.s), lambda: c.s),
    "inside_of_a_loop": lambda c: loop(c, lambda i, a: [a + 0.1 * _gradients(c, lambda z: a * z * z, c.s)()], c.t)[0],
    "inside_of_a_loop_by_its_variable": lambda c: loop(c, lambda i, a: [a - 0.1 * c.tf.gradients(a * a * c.s, a)[0]], c.t)[0],
    "inside_of_a_cond_in_a_loop": lambda c: loop(
        c, lambda i, a: [a + c.tf.cond(c.yes, _gradients(c, lambda z: a * z, c.s), lambda: a)], c.t)[0],
    "inside_with_stop_gradients": lambda c: c.tf.cond(
        c.yes, lambda: c.tf.gradients(c.tf.sin(c.s) * c.s, c.s, stop_gradients=[c.s])[0], lambda: c.s),
    "inside_unconnected": lambda c: c.tf.cond(
        c.yes, lambda: c.tf.gradients(c.t * c.t, c.s, unconnected_gradients="zero")[0] + c.s * c.s, lambda: c.s),
    "inside_of_a_map": lambda c: c.tf.map_fn(lambda v: v - 0.5 * c.tf.gradients(c.tf.square(v * c.s), v)[0], c.x),
}


def _gradients(c, function, x):
    """A body: the gradient by x of function(z), where z is made of x outside."""
    z = c.tf.sin(x) * x
    return lambda: c.tf.gradients(function(z), x)[0]
