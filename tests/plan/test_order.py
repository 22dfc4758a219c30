"""The order in which operations take effect: reads before the writes that do not precede them, at a cost that is linear."""
import random

import graphflow as tf
from graphflow.plan import sorting
from graphflow.plan.build import order, prune


def ordered(graph):
    return order(prune(graph.get_operations(), set()), set())


def test_reads_go_before_the_writes_that_do_not_precede_them():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0)
        early = tf.assign(v, 2.0)
        with tf.control_dependencies([early]):
            after = v.read_value()
        late = tf.assign_add(v, 1.0)
        free = v.read_value()
    found = ordered(graph)
    at = {op: i for i, op in enumerate(found)}
    assert at[free.op] < at[early.op] < at[after.op] < at[late.op]


def test_wishes_grow_with_reads_and_writes_not_with_their_product(monkeypatch):
    made = []

    class Counted(sorting.Barrier):
        __slots__ = ()

        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(sorting, "Barrier", Counted)
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0)
        for _ in range(200):
            v.read_value()
            tf.assign_add(v, 1.0)
    found = ordered(graph)
    kinds = [op.type for op in found if op.type in ("Identity", "AssignAdd")]
    assert kinds == sorted(kinds, reverse=True)                     # every read, then every addition
    assert len(made) + sum(len(b.readers) for b in made) <= 2 * 201 + 202


def _program(seed):
    r = random.Random(seed)
    with tf.Graph().as_default() as graph:
        variables = [tf.Variable(1.0, use_resource=r.random() < 0.4) for _ in range(r.randint(1, 3))]
        tensors = [v.read_value() for v in variables]
        for _ in range(r.randint(3, 25)):
            with tf.control_dependencies(r.sample([t.op for t in tensors], r.randint(0, min(2, len(tensors))))):
                v = r.choice(variables)
                made = tf.assign_add(v, r.choice(tensors)) if r.random() < 0.5 else v.read_value()
                tensors.append(tf.identity(made))
    return graph


def _by_pairs(graph, effects):
    """The same order by its definition: a wish for each pair of a read and a write that does not precede it; first wishes give way."""
    ops = prune(graph.get_operations(), set())
    needs, before = {}, {}
    for op in ops:
        needs[op] = {t.op for t in op.inputs} | set(op.control_inputs)
        before[op] = needs[op].union(*(before[s] for s in needs[op]))
    wishes = {op: set() for op in ops}
    for key, writers in effects.writes.items():
        for reader in effects.reads.get(key, ()):
            for writer in writers:
                if writer is not reader and writer not in before[reader]:
                    wishes[writer].add(reader)
    done = []
    while len(done) < len(ops):
        free = [op for op in ops if op not in done and needs[op] <= set(done)]
        done.append(next((op for op in free if wishes[op] <= set(done)), free[0]))
    return done


def test_random_programs_are_ordered_as_pairs_of_reads_and_writes_wish():
    for seed in range(60):
        graph = _program(seed)
        found = ordered(graph)
        assert list(found) == _by_pairs(graph, found.effects), seed
