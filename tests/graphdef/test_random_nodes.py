"""Imported nodes of every op type with random attributes and inputs: they run, or fail with an error that programs expect.

200 types in the default run; `-m slow` takes all of them several times.
"""

import random
import warnings

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.proto import OpList, parse
from graphflow.graphdef import op_table

EXPECTED = (tf.errors.OpError, ValueError, TypeError, NotImplementedError)
TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 17, 19, 20, 22, 23]
SHAPES = [(), (1,), (2,), (3,), (2, 2), (0,), (1, 2, 2), (1, 2, 2, 1)]


def all_types():
    import zlib

    found = parse(zlib.decompress(op_table.TABLE.read_bytes()), OpList).op
    return [op.name for op in found if not op.name.endswith(("PyFunc", "PyFuncStateless"))]


def fill_attribute(rand, value, attribute):
    """A random value of the attribute's type, outlandish ones among them."""
    kind, allowed = attribute.type, attribute.allowed_values.list
    some = range(rand.choice([0, 1, 1, 2, 4]))
    if kind == "type":
        value.type = rand.choice(list(allowed.type) or TYPES)
    elif kind == "int":
        value.i = rand.choice([1, 1, 1, 2, 0, -1, 3, 2**31 - 1, 2**40])
    elif kind == "float":
        value.f = rand.choice([0, 1, -1, 0.5, float("nan"), 1e30])
    elif kind == "bool":
        value.b = rand.random() < 0.5
    elif kind == "string":
        value.s = rand.choice(list(allowed.s) or [b"", b"SAME", b"x", b"\xff", b"sum"])
    elif kind == "shape":
        value.shape.SetInParent()
        for _ in some:
            value.shape.dim.add().size = rand.choice([-1, 0, 1, 2, 3])
    elif kind == "tensor":
        value.tensor.CopyFrom(tf.make_tensor_proto(rand.choice([[1.0, 2.0], 0.0, [[1]]])))
    elif kind == "list(int)":
        value.list.i.extend(rand.choice([0, 1, 1, 2, -1]) for _ in some)
    elif kind == "list(float)":
        value.list.f.extend(0.5 for _ in some)
    elif kind == "list(type)":
        value.list.type.extend(rand.choice(TYPES) for _ in some)
    elif kind == "list(string)":
        value.list.s.extend(b"a" for _ in some)
    elif kind == "list(shape)":
        for _ in some:
            value.list.shape.add().dim.add().size = rand.choice([-1, 1, 2])
    else:
        value.func.name = "f"


def array(rand, number, shape):
    dtype = tf.as_dtype(number)
    if dtype == tf.string:
        return np.full(shape, b"ab", object)
    filled = np.full(shape, rand.choice([0, 1, -1, 2])) if rand.random() < 0.5 else np.arange(np.prod(shape, dtype=int)).reshape(shape)
    with np.errstate(all="ignore"):
        return filled.astype(dtype.as_numpy_dtype)


def graph_of(name, rand):
    """(a graph with the node "n" of this type, and what to feed)."""
    definition = op_table.find(name)
    graph, feeds = tf.GraphDef(), {}
    node = graph.node.add(name="n", op=name)
    for attribute in definition.attr:
        if not attribute.HasField("default_value") or rand.random() < 0.4:
            fill_attribute(rand, node.attr[attribute.name], attribute)
    defaults = {a.name: a.default_value.type for a in definition.attr}
    for argument in definition.input_arg:
        count = min(max(node.attr[argument.number_attr].i, 0), 4) if argument.number_attr else 1
        kinds = [node.attr[argument.type_attr].type or defaults[argument.type_attr] if argument.type_attr else argument.type] * count
        if argument.type_list_attr:
            kinds = list(node.attr[argument.type_list_attr].list.type)
        for kind in kinds:
            source = graph.node.add(name=f"p{len(graph.node)}", op="VariableV2" if argument.is_ref else "Placeholder")
            source.attr["dtype"].type = kind
            source.attr["shape"].shape.SetInParent()
            if argument.is_ref:
                source.attr["shape"].shape.dim.add().size = 2
            elif kind and kind not in (20, 21):      # resources and variants cannot be fed
                source.attr["shape"].shape.unknown_rank = True
                feeds[source.name + ":0"] = array(rand, kind, rand.choice(SHAPES))
            node.input.append(source.name)
    return graph, feeds


def run_node(name, seed):
    rand = random.Random(f"{name} {seed}")
    with tf.Graph().as_default() as graph, tf.Session() as session:
        message, feeds = graph_of(name, rand)
        tf.import_graph_def(message, name="")
        graph.as_graph_def()
        for op in graph.get_operations():
            if op.type == "VariableV2":
                session.run(tf.assign(op.outputs[0], array(rand, op.outputs[0].dtype.base_dtype.as_datatype_enum, (2,))))
        op = graph.get_operation_by_name("n")
        if not op.outputs or not hasattr(type(op._op_def), "may_wait") or not type(op._op_def).may_wait:
            session.run([op, *op.outputs], feeds, options=tf.RunOptions(timeout_in_ms=5000))


def failures(names, seeds):
    found = []
    for name in names:
        for seed in seeds:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    run_node(name, seed)
            except EXPECTED as error:
                if not str(error).strip():
                    found.append(f"{name} {seed}: {type(error).__name__} without a word")
            except Exception as error:
                found.append(f"{name} {seed}: {type(error).__name__}: {error}")
    return found


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Some of the nodes write files."""
    monkeypatch.chdir(tmp_path)


def test_nodes_with_random_attributes_fail_with_expected_errors_only():
    names = all_types()
    assert not failures(random.Random(1).sample(names, 200), [0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_nodes_of_every_type_fail_with_expected_errors_only(seed):
    assert not failures(all_types(), [seed])
