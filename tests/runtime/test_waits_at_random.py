"""Random nestings of loops and branches that take from a queue and write variables, beside a thread that serves the queue."""
import random
import threading

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


class Program:
    """A scalar that grows by the elements taken and the numbers written on its way; and what is written to `variables` in one run."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.queue = tf.FIFOQueue(self.random.choice([1, 3, 50]), tf.float32, shapes=[[]])
        self.variables = [tf.Variable(0.0, use_resource=self.random.random() < 0.5) for _ in range(2)]
        self.result, self.grows, self.written = tf.constant(0.0), 0, [0, 0]
        for _ in range(self.random.randint(1, 3)):
            build, grows, written = self.piece(3)
            self.result = build(self.result)
            self.grows += grows
            self.written = [a + b for a, b in zip(self.written, written)]

    def piece(self, depth):
        """(what builds it around a value, by how much the value grows, what is written to each variable)"""
        kind = self.random.random()
        if depth and kind < 0.35:
            turns, (inner, grows, written) = self.random.randint(0, 3), self.piece(depth - 1)
            return lambda x: tf.while_loop(lambda i, a: i < turns, lambda i, a: (i + 1, inner(a)), [0, x])[1], turns * grows, \
                [turns * w for w in written]
        if depth and kind < 0.6:
            choice, first, second = self.random.random() < 0.5, self.piece(depth - 1), self.piece(depth - 1)
            predicate = tf.placeholder_with_default(choice, [])
            return lambda x: tf.cond(predicate, lambda: first[0](x), lambda: second[0](x)), *(first if choice else second)[1:]
        if kind < 0.8:
            return lambda x: x + self.queue.dequeue(), 1, [0, 0]
        which, takes = self.random.randrange(2), self.random.random() < 0.5

        def write(x):
            step = self.queue.dequeue() if takes else tf.constant(1.0)
            with tf.control_dependencies([self.variables[which].assign_add(step)]):
                return x + step
        return write, 1, [int(which == 0), int(which == 1)]


@pytest.mark.parametrize("seed", range(30))
def test_nested_waits_give_what_a_sequence_gives(seed):
    program = Program(seed)
    with tf.control_dependencies([v.assign_add(0.0) for v in program.variables]):       # a write, which needs the lock
        put = program.queue.enqueue(1.0)
    session, found, wrong = tf.Session(), [], []
    session.run(tf.global_variables_initializer())

    def serve():
        try:
            while True:
                session.run(put)
        except (tf.errors.CancelledError, RuntimeError):        # the session was closed
            pass
        except Exception as error:
            wrong.append(error)

    server = threading.Thread(target=serve, daemon=True)
    worker = threading.Thread(target=lambda: found.extend(session.run(program.result) for _ in range(3)), daemon=True)
    server.start()
    worker.start()
    worker.join(60)
    assert not worker.is_alive() and found == [program.grows] * 3
    assert session.run(program.variables) == [3 * w for w in program.written]
    session.close()
    server.join(60)
    assert not server.is_alive() and not wrong
