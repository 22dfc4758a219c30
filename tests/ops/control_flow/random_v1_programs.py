"""Random small nestings of branches and loops with control flow v1 in mind: predicates that come from outside of the loop or branch
that asks them, one predicate for several branches, slices `x[:, t]` in both branches, branches in loops in branches.

A seed gives one program, the same in each library; TensorFlow 1.15 runs them, too. All is float64, without variables.
GRAPHFLOW_CONTROL_FLOW_SEEDS, "first:last", chooses other seeds than the few of the oracle suite, 500 at most.
"""
from __future__ import annotations

import numpy as np

from tests.ops.control_flow.random_programs import FIRST, LAST

ROWS, STEPS, WIDTH = 2, 3, 2


class Maker:
    """Builds random expressions of matrices [ROWS, WIDTH] from those that are known, predicates and one sequence [ROWS, STEPS, WIDTH]."""

    def __init__(self, tf, seed):
        self.tf, self.random = tf, np.random.Generator(np.random.PCG64([seed, 1]))
        self.sequence = tf.placeholder_with_default(self.random.normal(size=(ROWS, STEPS, WIDTH)), [ROWS, STEPS, WIDTH], name="sequence")
        self.xs = [tf.placeholder_with_default(self.random.normal(size=(ROWS, WIDTH)), [ROWS, WIDTH], name=f"x{i}") for i in range(2)]
        self.predicates = [tf.placeholder_with_default(bool(self.random.integers(2)), [], name=f"p{i}") for i in range(2)]
        self.counters = []

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def expression(self, depth, known):
        if depth == 0:
            return self.leaf(known)
        return self.pick(self.unary, self.binary, self.cond, self.cond, self.cond, self.loop, self.loop, self.scan, self.fold,
                         self.array)(depth - 1, known)

    def leaf(self, known):
        if self.random.integers(3) == 0:
            return self.step()
        return known[self.random.integers(len(known))]

    def step(self):
        """A slice of the sequence, by the counter of a loop around if there is one."""
        if self.counters and self.random.integers(4):
            return self.sequence[:, self.pick(*self.counters)]
        return self.sequence[:, int(self.random.integers(STEPS))]

    def unary(self, depth, known):
        tf = self.tf
        return self.pick(tf.tanh, tf.sin, tf.stop_gradient, tf.identity, lambda v: v[::-1], lambda v: tf.concat([v[1:], v[:1]], 0) * 0.5,
                         lambda v: v - tf.reduce_mean(v, 0))(self.expression(depth, known))

    def binary(self, depth, known):
        tf = self.tf
        one, other = self.expression(depth, known), self.expression(depth, known)
        return self.pick(lambda: one + other, lambda: one * other, lambda: one - other, lambda: tf.maximum(one, other),
                         lambda: tf.matmul(one, other, transpose_b=True)[:, :1] * one)()

    def predicate(self, known):
        """One made before, here or outside; or a new one, which those that follow may take as well."""
        tf = self.tf
        if self.random.integers(2):
            return self.pick(*self.predicates)
        bound = round(float(self.random.uniform(-1.0, 1.0)), 2) + 0.0037
        made = tf.less(tf.reduce_sum(self.leaf(known)), tf.constant(bound, tf.float64))
        if self.counters and self.random.integers(3) == 0:
            made = tf.equal(self.pick(*self.counters) % 2, 0)
        self.predicates.append(made)
        return made

    def inside(self, function, counter=None):
        """The function of a body: predicates and counters that it makes are known in it only."""
        def call(*arguments):
            predicates, counters = list(self.predicates), list(self.counters)
            self.counters += [] if counter is None else [arguments[counter]]
            try:
                return function(*arguments)
            finally:
                self.predicates, self.counters = predicates, counters
        return call

    def cond(self, depth, known):
        predicate, tf = self.predicate(known), self.tf
        kind = self.random.integers(4)
        if kind == 0:               # two outputs
            one, other = tf.cond(predicate, self.inside(lambda: [self.expression(depth, known), self.leaf(known)]),
                                 self.inside(lambda: [self.leaf(known), self.expression(depth, known)]))
            return one * 0.5 + other
        if kind == 1:               # the same slice on both sides
            step = self.step
            return tf.cond(predicate, self.inside(lambda: step() * self.expression(depth, known)), self.inside(lambda: step() * 0.5))
        if kind == 2:               # one side hands on what was there
            return tf.cond(predicate, self.inside(lambda: self.expression(depth, known)), self.inside(lambda: tf.identity(known[0])))
        return tf.cond(predicate, self.inside(lambda: self.expression(depth, known)), self.inside(lambda: self.expression(depth, known)))

    def loop(self, depth, known):
        tf = self.tf
        turns = int(self.random.integers(4))
        start = [self.expression(depth, known), self.leaf(known)]

        def body(i, a, b):
            inside = [a, b, *known]
            first = tf.tanh(self.expression(depth, inside))
            return i + 1, first, self.pick(lambda: b, lambda: first - b, lambda: a, lambda: tf.sin(self.expression(depth, inside)))()

        _, a, b = tf.while_loop(lambda i, *_: i < turns, self.inside(body, 0), [0, *start])
        return a + b * 0.5

    def scan(self, depth, known):
        tf = self.tf
        steps = tf.transpose(self.sequence, [1, 0, 2])
        found = tf.scan(self.inside(lambda a, v: tf.tanh(self.expression(depth, [a, v, *known]))), steps, initializer=self.leaf(known))
        return tf.reduce_sum(found, 0)

    def fold(self, depth, known):
        tf = self.tf
        steps = tf.transpose(self.sequence, [1, 0, 2])
        return self.pick(tf.foldl, tf.foldr)(self.inside(lambda a, v: tf.tanh(a * 0.5 + self.expression(depth, [a, v, *known]))), steps,
                                             initializer=self.leaf(known))

    def array(self, depth, known):
        tf = self.tf
        start = tf.TensorArray(tf.float64, STEPS, element_shape=[ROWS, WIDTH])

        def body(i, a, array):
            made = tf.tanh(self.expression(depth, [a, *known]))
            return i + 1, made, array.write(i, made)

        _, a, array = tf.while_loop(lambda i, *_: i < STEPS, self.inside(body, 0), [0, self.leaf(known), start])
        return tf.reduce_sum(array.stack(), 0) + a


def of_seed(seed):
    """The program of a seed: an expression and its gradients."""
    def program(tf):
        maker = Maker(tf, seed)
        y = maker.expression(3, maker.xs)
        return [y, *[g for g in tf.gradients(y, [*maker.xs, maker.sequence]) if g is not None]]
    return program


for _seed in range(FIRST, min(LAST, FIRST + 500)):
    globals()[f"program_v1_seed_{_seed}"] = of_seed(_seed)
