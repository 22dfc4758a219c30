"""Programs give TensorFlow's node lists: names, types, inputs, order and collections (tests/data/tensorflow/names)."""
import importlib.util
import json
from pathlib import Path

import pytest

import graphflow as tf

FOLDER = Path(__file__).parent.parent / "data" / "tensorflow" / "names"


def program(name):
    spec = importlib.util.spec_from_file_location(f"names_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs(op):
    return [t.op.name if t.value_index == 0 else t.name for t in op.inputs] + sorted("^" + c.name for c in op.control_inputs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.json")))
def test_node_list_is_tensorflows(name):
    tf.reset_default_graph()
    wanted = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    program(name).build(tf)
    graph = tf.get_default_graph()
    found = [[op.name, op.type, inputs(op)] for op in graph.get_operations()]
    nodes = [[n, t, [i for i in ins if i[0] != "^"] + sorted(i for i in ins if i[0] == "^")] for n, t, ins in wanted["nodes"]]
    assert found == nodes
    for key, names in wanted["collections"].items():
        assert [item.name for item in graph.get_collection(key)] == names


def test_a_complete_name_that_is_taken_is_refused():
    with tf.Graph().as_default():
        with tf.name_scope("a") as scope:
            tf.identity(1.0, name=scope)
        with pytest.raises(ValueError, match="Duplicate node name in graph: 'a'"):
            tf.identity(2.0, name=scope)
