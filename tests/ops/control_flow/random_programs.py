"""Random small nestings of branches, loops, maps, TensorArrays and variables: values and gradients of two orders, built in both libraries.

A seed gives two programs, one of scalars and one of matrices, the same in each library. Iterations do not overlap, since TensorFlow's would
race where they assign variables.
GRAPHFLOW_CONTROL_FLOW_SEEDS, "first:last", chooses other seeds than the few of the oracle suite.
"""
from __future__ import annotations

import os

import numpy as np

FIRST, LAST = (int(s) for s in os.environ.get("GRAPHFLOW_CONTROL_FLOW_SEEDS", "0:30").split(":"))


def prepare(tf):
    """Called in TensorFlow's process before the programs."""
    tf.enable_control_flow_v2()


class Maker:
    """Builds random expressions of float64 scalars that stay small."""

    def __init__(self, tf, seed):
        self.tf, self.random = tf, np.random.Generator(np.random.PCG64(seed))
        self.made = [[]]      # the expressions of the graph and of the bodies around this place

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def number(self):
        return float(np.round(self.random.uniform(-1.5, 1.5), 2))

    def expression(self, depth, known):
        """A scalar made of the scalars `known`."""
        with self.tf.control_dependencies(list(self.made[-1])):        # TensorFlow orders no reads and writes by itself
            self.made[-1].append(self.any_expression(depth, known))
        return self.made[-1][-1]

    def within(self, function):
        """The function of a body, whose results wait for all that it makes: TensorFlow leaves out assignments that no result needs."""
        def call(*arguments):
            self.made.append([])
            found = function(*arguments)
            with self.tf.control_dependencies(self.made.pop()):
                if not isinstance(found, (list, tuple)):
                    return self.tf.identity(found)
                return [self.tf.identity(t) if isinstance(t, self.tf.Tensor) else t for t in found]
        return call

    def any_expression(self, depth, known):
        if depth == 0:
            return self.leaf(known)
        return self.pick(self.unary, self.binary, self.binary, self.cond, self.cond, self.loop, self.loop, self.map, self.array, self.scan,
                         self.switch, self.variable)(depth - 1, known)

    def leaf(self, known):
        if self.random.integers(5) == 0:
            return self.tf.constant(self.number(), self.tf.float64)
        return known[self.random.integers(len(known))]

    def unary(self, depth, known):
        tf = self.tf
        function = self.pick(tf.tanh, tf.sin, tf.square, lambda v: tf.exp(-tf.square(v)), tf.stop_gradient, tf.identity)
        return function(self.expression(depth, known))

    def binary(self, depth, known):
        function = self.pick(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, self.tf.maximum)
        return function(self.expression(depth, known), self.expression(depth, known))

    def predicate(self, known):
        tf = self.tf
        if self.random.integers(6) == 0:
            return tf.constant(bool(self.random.integers(2)))
        return self.pick(tf.less, tf.greater)(self.leaf(known), tf.constant(self.number(), tf.float64))

    def cond(self, depth, known):
        if self.random.integers(3) == 0:
            pair = self.tf.cond(self.predicate(known), self.within(lambda: [self.expression(depth, known), self.leaf(known)]),
                                self.within(lambda: [self.leaf(known), self.expression(depth, known)]))
            return pair[0] * pair[1]
        branch = self.within(lambda: self.expression(depth, known))
        return self.tf.cond(self.predicate(known), branch, branch)

    def switch(self, depth, known):
        tf = self.tf
        index = tf.cast(tf.floor(self.leaf(known) * 2.0), tf.int32)
        branch = self.within(lambda: self.expression(depth, known))
        return tf.switch_case(index, [branch, branch, lambda: self.leaf(known)])

    def loop(self, depth, known):
        tf = self.tf
        turns, start = int(self.random.integers(4)), [self.expression(depth, known), self.leaf(known)]

        def body(i, a, b):
            inside = [a, b, tf.cast(i, tf.float64) * 0.25, *known]
            first = tf.tanh(self.expression(depth, inside))
            return i + 1, first, self.pick(lambda: b * first, lambda: first - b, lambda: tf.sin(self.expression(depth, inside)))()

        limit = {"maximum_iterations": int(self.random.integers(1, 4))} if self.random.integers(3) == 0 else {}
        _, a, b = tf.while_loop(lambda i, *_: i < turns, self.within(body), [0, *start], parallel_iterations=1, **limit)
        return a + b

    def rows(self, depth, known):
        return self.tf.stack([self.expression(depth, known), self.leaf(known), self.tf.constant(self.number(), self.tf.float64)])

    def map(self, depth, known):
        rows = self.rows(depth, known)
        with self.tf.control_dependencies([rows]):      # else TensorFlow leaves them out, and their assignments, where the body uses none
            return self.tf.reduce_sum(self.tf.map_fn(self.within(lambda v: self.tf.tanh(self.expression(depth, [v, *known]))), rows,
                                                     parallel_iterations=1))

    def scan(self, depth, known):
        found = self.tf.scan(self.within(lambda a, v: self.tf.tanh(self.expression(depth, [a, v, *known]))), self.rows(0, known),
                             initializer=self.leaf(known), parallel_iterations=1)
        return self.tf.reduce_sum(found * found)

    def array(self, depth, known):
        tf = self.tf
        turns = int(self.random.integers(1, 4))
        start = tf.TensorArray(tf.float64, turns + 1, clear_after_read=False).write(0, self.leaf(known))

        def body(i, array):
            inside = [array.read(i), *known]
            return i + 1, array.write(i + 1, tf.tanh(self.expression(depth, inside)))

        return tf.reduce_sum(tf.while_loop(lambda i, _: i < turns, self.within(body), [0, start], parallel_iterations=1)[1].stack())

    def variable(self, depth, known):
        tf = self.tf
        name = f"v{self.random.integers(3)}"
        with tf.variable_scope("", reuse=tf.AUTO_REUSE):
            v = tf.get_variable(name, dtype=tf.float64, initializer=lambda: tf.constant(0.75, tf.float64), use_resource=True)
        if self.random.integers(2):
            with tf.control_dependencies([known[0]]):        # TensorFlow's loops run ahead of what they take
                value = v.read_value()
            self.made[-1].append(value)
            return value * self.expression(depth, known)
        value = tf.tanh(self.expression(depth, known))
        with tf.control_dependencies([known[0]]):
            assign = v.assign(value)
        with tf.control_dependencies([assign]):
            return tf.identity(v.read_value())


SIZE = 2


class MatrixMaker(Maker):
    """Random expressions of square matrices, for which plans have buffers, views and products."""
    writes = True

    def leaf(self, known):
        if self.random.integers(5) == 0:
            return self.tf.constant(np.round(self.random.uniform(-1.5, 1.5, (SIZE, SIZE)), 2), self.tf.float64)
        return known[self.random.integers(len(known))]

    def unary(self, depth, known):
        tf = self.tf
        function = self.pick(tf.tanh, tf.sin, lambda v: tf.exp(-tf.square(v)), tf.stop_gradient, tf.identity, tf.transpose,
                             lambda v: v[:, ::-1], lambda v: tf.reshape(v, [-1, 1]) * v[1], lambda v: v + v[0],
                             lambda v: tf.reshape(tf.reshape(v, [-1])[::-1], [SIZE, SIZE]), lambda v: tf.concat([v[1:], v[:1]], 0),
                             lambda v: v - tf.reduce_mean(v, 0))
        found = function(self.expression(depth, known))
        return found if found.shape[0] == SIZE else found[:SIZE]

    def binary(self, depth, known):
        tf = self.tf
        function = self.pick(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, tf.maximum, lambda a, b: tf.matmul(a, b) * 0.5,
                             lambda a, b: tf.matmul(a, b, transpose_b=True) * 0.5,
                             lambda a, b: tf.matmul(tf.concat([a, b], 1), tf.concat([b, a], 0)) * 0.25)
        return function(self.expression(depth, known), self.expression(depth, known))

    def predicate(self, known):
        tf = self.tf
        if self.random.integers(6) == 0:
            return tf.constant(bool(self.random.integers(2)))
        bound = self.number() + 0.0037       # no sum of numbers of two digits: how a sum is rounded decides nothing
        return self.pick(tf.less, tf.greater)(tf.reduce_sum(self.leaf(known)), tf.constant(bound, tf.float64))

    def cond(self, depth, known):
        if self.random.integers(3):
            return super().cond(depth, known)
        made = self.expression(depth, known)               # handed on by one branch or both
        return self.tf.cond(self.predicate(known), self.within(lambda: made), self.within(lambda: self.pick(made, self.leaf(known)) * 1.0))

    def switch(self, depth, known):
        tf = self.tf
        index = tf.cast(tf.floor(tf.reduce_mean(self.leaf(known)) * 2.0), tf.int32)
        branch = self.within(lambda: self.expression(depth, known))
        return tf.switch_case(index, [branch, branch, lambda: self.leaf(known)])

    def loop(self, depth, known):
        tf = self.tf
        turns, start = int(self.random.integers(5)), [self.expression(depth, known), self.leaf(known), self.leaf(known)]

        def body(i, a, b, c):
            inside = [a, b, c, tf.fill([SIZE, SIZE], tf.cast(i, tf.float64) * 0.25), *known]
            first = tf.tanh(self.expression(depth, inside))
            other = tf.sin(self.expression(depth, inside)) + b
            second = self.pick(lambda: b * first, lambda: first - b, lambda: other, lambda: a, lambda: self.handed_on(first, inside),
                               lambda: self.handed_on(other, inside), lambda: self.handed_on(other, inside))()
            third = self.pick(lambda: c + first, lambda: c * 0.5 + (other - b), lambda: second, lambda: self.handed_on(c, inside),
                              lambda: tf.transpose(c) + c)()
            return i + 1, first, second, third

        limit = {"maximum_iterations": int(self.random.integers(1, 4))} if self.random.integers(3) == 0 else {}
        _, a, b, c = tf.while_loop(lambda i, *_: i < turns, self.within(body), [0, *start], parallel_iterations=1, **limit)
        return a + b * c

    def handed_on(self, value, known):
        """A value that comes through a branch or a loop, perhaps untouched."""
        tf = self.tf
        if self.random.integers(2):
            return tf.cond(self.predicate(known), self.within(lambda: value), self.within(lambda: value * 0.5))
        turns = int(self.random.integers(2))
        return tf.while_loop(lambda j, _: j < turns, lambda j, v: (j + 1, v * 0.5), [0, value], parallel_iterations=1)[1]

    def rows(self, depth, known):
        return self.tf.stack([self.expression(depth, known), self.leaf(known), self.leaf(known)])

    def map(self, depth, known):
        rows = self.rows(depth, known)
        with self.tf.control_dependencies([rows]):
            return self.tf.reduce_sum(self.tf.map_fn(self.within(lambda v: self.tf.tanh(self.expression(depth, [v, *known]))), rows,
                                                     parallel_iterations=1), 0)

    def scan(self, depth, known):
        found = self.tf.scan(self.within(lambda a, v: self.tf.tanh(self.expression(depth, [a, v, *known]))), self.rows(0, known),
                             initializer=self.leaf(known), parallel_iterations=1)
        return self.tf.reduce_sum(found * found, 0)

    def array(self, depth, known):
        tf = self.tf
        turns = int(self.random.integers(1, 4))
        start = tf.TensorArray(tf.float64, turns + 1, clear_after_read=False, element_shape=[SIZE, SIZE]).write(0, self.leaf(known))

        def body(i, last, array):
            inside = [array.read(i), last, *known]
            made = tf.tanh(self.expression(depth, inside))
            written = self.pick(lambda: made, lambda: made[::-1], lambda: tf.transpose(made), lambda: self.handed_on(made * 0.5, inside))()
            return i + 1, self.pick(made, last, last + made), array.write(i + 1, written)

        found = tf.while_loop(lambda i, *_: i < turns, self.within(body), [0, self.leaf(known), start], parallel_iterations=1)
        return tf.reduce_sum(found[2].stack(), 0) + found[1]

    def variable(self, depth, known):
        tf = self.tf
        name = f"v{self.random.integers(3)}"
        with tf.variable_scope("", reuse=tf.AUTO_REUSE):
            v = tf.get_variable(name, dtype=tf.float64, initializer=lambda: tf.fill([SIZE, SIZE], tf.constant(0.75, tf.float64)),
                                use_resource=True)
        if self.random.integers(2) or not self.writes:
            with tf.control_dependencies([known[0]]):
                value = v.read_value()
            self.made[-1].append(value)
            return value * self.expression(depth, known)
        value = tf.tanh(self.expression(depth, known))
        with tf.control_dependencies([known[0]]):
            assign = v.assign(value)
        with tf.control_dependencies([assign]):
            return tf.identity(v.read_value())


class ReadingMatrixMaker(MatrixMaker):
    """Without assignments: TensorFlow's runs of these programs differ where it reads a variable while it is assigned."""
    writes = False


VALUES = (0.4, -0.9, 1.3)
MATRICES = (((0.4, -0.2), (0.7, 0.1)), ((-0.9, 0.3), (0.5, -0.6)), ((1.3, 0.2), (-0.8, 0.9)))


def of_seed(seed, cls=Maker):
    """The program of a seed, of scalars or, by another maker, of matrices."""
    def program(tf):
        maker = cls(tf, seed)
        xs = [tf.placeholder_with_default(np.array(value, np.float64), np.shape(value), name=f"x{i}")
              for i, value in enumerate(VALUES if cls is Maker else MATRICES)]
        y = maker.expression(3, xs)
        first = [g for g in tf.gradients(y, xs) if g is not None]
        with tf.control_dependencies([y, *first]):
            after = [tf.identity(v.read_value()) for v in tf.global_variables()]
        zero = tf.UnconnectedGradients.ZERO        # what a loop keeps is the library's choice; by that way zeros may come in place of None
        second = tf.gradients(first[0], xs, unconnected_gradients=zero) if first and not after else []
        return [y, *first, *second, *after]
    return program


for _seed in range(FIRST, LAST):
    globals()[f"program_seed_{_seed}"] = of_seed(_seed)
    globals()[f"program_matrices_{_seed}"] = of_seed(_seed, ReadingMatrixMaker)
