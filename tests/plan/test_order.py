"""The order in which operations take effect: reads before the writes that do not precede them, at a cost that is linear."""
import random

import pytest

import graphflow as tf
from graphflow.formats.proto import GraphDef, from_text
from graphflow.plan import preceding, sorting
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


def wishes_of(graph, monkeypatch):
    """The order, and how many barriers and reads that wait at one it took."""
    made = []

    class Counted(sorting.Barrier):
        __slots__ = ()

        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

    with monkeypatch.context() as patch:
        patch.setattr(sorting, "Barrier", Counted)
        found = ordered(graph)
    return found, len(made) + sum(len(b.readers) for b in made)


def test_wishes_grow_with_reads_and_writes_not_with_their_product(monkeypatch):
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0)
        for _ in range(200):
            v.read_value()
            tf.assign_add(v, 1.0)
    found, wishes = wishes_of(graph, monkeypatch)
    kinds = [op.type for op in found if op.type in ("Identity", "AssignAdd")]
    assert kinds == sorted(kinds, reverse=True)                     # every read, then every addition
    assert wishes <= 2 * 201 + 202


@pytest.mark.parametrize("use_resource", [False, True])
def test_wishes_of_reads_that_each_follow_a_write_of_their_own_grow_with_their_number(use_resource, monkeypatch):
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0, use_resource=use_resource)
        for _ in range(300):
            with tf.control_dependencies([tf.assign_add(v, 1.0)]):
                tf.assign_add(v, v.read_value())
    _, wishes = wishes_of(graph, monkeypatch)
    assert wishes <= 600 * 2 * 2 * 10                               # the logarithm of 600 at both sides of 600 reads; pairs: 360,000


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


@pytest.mark.parametrize("block", [1, 3, preceding.BLOCK])
def test_random_programs_are_ordered_as_pairs_of_reads_and_writes_wish(block, monkeypatch):
    monkeypatch.setattr(preceding, "BLOCK", block)                  # how many writes are looked at at once makes no difference
    for seed in range(60):
        graph = _program(seed)
        found = ordered(graph)
        assert list(found) == _by_pairs(graph, found.effects), seed


def test_more_runs_of_writes_than_are_told_apart_still_go_before_their_reads(monkeypatch):
    monkeypatch.setattr(preceding, "RUNS", 2)
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0)
        writes = [tf.assign_add(v, 1.0) for _ in range(12)]
        with tf.control_dependencies([w.op for w in writes[1::3]]):
            read = v.read_value()
    found = list(ordered(graph))
    at = {op: i for i, op in enumerate(found)}
    assert all(at[w.op] < at[read.op] for w in writes[1::3]) and at[read.op] < at[writes[11].op]


INT = 'attr { key: "T" value { type: DT_INT32 } }'
FRAME = INT + ' attr { key: "frame_name" value { s: "w" } }'
VALUE = ('attr {{ key: "dtype" value {{ type: DT_INT32 }} }} '
         'attr {{ key: "value" value {{ tensor {{ dtype: DT_INT32 tensor_shape {{ }} int_val: {} }} }} }}')
LOOP = f"""
node {{ name: "zero" op: "Const" {VALUE.format(0)} }}
node {{ name: "enter" op: "Enter" input: "zero" {FRAME} }}
node {{ name: "merge" op: "Merge" input: "enter" input: "next" {INT} attr {{ key: "N" value {{ i: 2 }} }} }}
node {{ name: "three" op: "Const" input: "^merge" {VALUE.format(3)} }}
node {{ name: "less" op: "Less" input: "merge" input: "three" {INT} }}
node {{ name: "cond" op: "LoopCond" input: "less" }}
node {{ name: "switch" op: "Switch" input: "merge" input: "cond" {INT} }}
node {{ name: "one" op: "Const" input: "^switch" {VALUE.format(1)} }}
node {{ name: "add" op: "AddV2" input: "switch:1" input: "one" {INT} }}
node {{ name: "next" op: "NextIteration" input: "add" {INT} }}
node {{ name: "exit" op: "Exit" input: "switch" {INT} }}
"""


def test_a_circle_is_named_and_told_from_a_loop_of_imported_nodes():
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(from_text(LOOP, GraphDef), name="")
        assert session.run("exit:0") == 3
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.identity(1.0, name="a")
        b = tf.identity(a, name="b")
        a.op._update_input(0, b)
        with pytest.raises(ValueError, match="the graph has a cycle through 'a'"):
            session.run(b)
