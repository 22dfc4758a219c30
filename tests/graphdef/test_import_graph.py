"""`import_graph_def` and `as_graph_def`: TensorFlow's graphs come back as they were, damaged ones are refused by name."""

import pytest

from graphflow.core import errors
from graphflow.core.constant import constant
from graphflow.core.graph import Graph
from graphflow.formats.errors import FormatError
from graphflow.formats.proto import GraphDef, from_text, parse
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.graphdef import op_table
from graphflow.graphdef.import_graph import import_graph_def
from tests import tf_fixtures

GRAPHS = sorted(name for name, entry in tf_fixtures.manifest().items() if entry["kind"] == "graph")


def read_graph(path):
    data = path.read_bytes()
    return from_text(data, GraphDef, str(path)) if path.suffix == ".pbtxt" else parse(data, GraphDef, str(path))


def imported(message, **arguments):
    graph = Graph()
    with graph.as_default():
        found = import_graph_def(message, **{"name": "", **arguments})
    return graph, found


def same_attribute(ours, theirs):
    if theirs.WhichOneof("value") != "tensor":
        return ours == theirs
    one, other = array_from_proto(ours.tensor), array_from_proto(theirs.tensor)
    same_values = one.tolist() == other.tolist() if one.dtype == object else one.tobytes() == other.tobytes()
    return one.dtype == other.dtype and one.shape == other.shape and same_values


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_of_tensorflow_come_back_as_they_were(name):
    entry = tf_fixtures.manifest()[name]
    message = read_graph(tf_fixtures.path(entry["files"]["pb"]))
    written = imported(message)[0].as_graph_def()
    assert len(written.node) == entry["nodes"]
    ours = {node.name: node for node in written.node}
    for theirs in message.node:
        node = ours[theirs.name]
        assert (node.op, list(node.input), node.device) == (theirs.op, list(theirs.input), theirs.device)
        for key, value in theirs.attr.items():
            assert key == "_output_shapes" or same_attribute(node.attr[key], value), f"{node.name}: {key}"
        defaults = {a.name: a.default_value for a in op_table.find(node.op).attr}
        assert all(value == defaults[key] for key, value in node.attr.items() if key not in theirs.attr)
    assert sorted(f.signature.name for f in written.library.function) == sorted(entry["functions"])
    assert {f.signature.name: f for f in written.library.function} == {f.signature.name: f for f in message.library.function}
    again = imported(written)[0].as_graph_def()
    assert again == written


@pytest.mark.parametrize("name", [n for n in GRAPHS if "pbtxt" in tf_fixtures.manifest()[n]["files"]])
def test_text_graphs_equal_the_binary_ones(name):
    files = tf_fixtures.manifest()[name]["files"]
    assert read_graph(tf_fixtures.path(files["pbtxt"])) == read_graph(tf_fixtures.path(files["pb"]))


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("pb", "pbtxt"))
def test_damaged_graphs_are_refused_and_leave_the_graph_alone(name, case):
    path = tf_fixtures.path(case["path"])
    graph = Graph()
    try:
        message = read_graph(path)
        with graph.as_default():
            import_graph_def(message, name="")
    except (FormatError, ValueError, errors.OpError) as error:
        assert case["outcome"] == "error", error
        assert str(error)
        assert graph.get_operations() == [] and graph.unique_name("dune") == "dune"
    else:
        assert case["outcome"] == "ok" or case.get("or_ok_import") or case.get("lenient"), name


@pytest.mark.parametrize(
    "case, phrase",
    [
        ("bad_node_name", "Node name contains invalid characters"),
        ("bad_output_index", "Node 'out': Connecting to invalid output 7 of source node dune which has 1 outputs"),
        ("bit_flip", "NodeDef missing attrs 'value', 'dtype' from Op<name=Const; signature= -> output:dtype; attr=value:tensor"),
        ("const_negative_dim", r"Shape \[-4, 3\] is not fully defined"),
        ("const_overflow_shape", "is too large"),
        ("const_length_mismatch", "Cannot parse tensor"),
        ("cycle", "2 nodes in a cycle"),
        ("self_input", "1 nodes in a cycle"),
        ("data_after_control", "Node 'out': Control dependencies must come after regular dependencies"),
        ("dtype_mismatch", "Input 1 of node out was passed int32 from dune:0 incompatible with expected float"),
        ("duplicate_name", "Node 'dune' is not unique"),
        ("future_producer", "GraphDef min consumer version 99998 above current version"),
        ("missing_attr", "NodeDef missing attr 'value' from Op<name=Const"),
        ("missing_input", "Node 'out': Unknown input node 'nowhere'"),
        ("too_few_inputs", "NodeDef expected inputs 'float, float' do not match 1 inputs specified; Op<name=AddV2"),
        ("too_many_inputs", "NodeDef expected inputs 'float, float' do not match 3 inputs specified"),
        ("unknown_dtype", "AttrValue has invalid DataType enum: 250"),
        ("unknown_op", "Op type not registered 'FrobnicateDune'"),
        ("wrong_attr_kind", "AttrValue had value with type 'string' when 'type' expected"),
    ],
)
def test_refusals_begin_with_tensorflows_phrase(case, phrase):
    with pytest.raises((ValueError, errors.NotFoundError), match=phrase):
        imported(read_graph(tf_fixtures.path(f"bad/graph/{case}.pb")))


def two_nodes():
    return from_text(
        """node { name: "a" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
           node { name: "b" op: "Identity" input: "a" input: "^c" attr { key: "T" value { type: DT_FLOAT } }
                  attr { key: "_class" value { list { s: "loc:@a" } } } attr { key: "_mine" value { i: 3 } } }
           node { name: "c" op: "NoOp" device: "/cpu:0" } versions { producer: 27 }""",
        GraphDef,
    )


def test_names_get_the_scope_and_stay_unique():
    graph = Graph()
    with graph.as_default():
        import_graph_def(two_nodes())
        import_graph_def(two_nodes())
        import_graph_def(two_nodes(), name="")
        import_graph_def(two_nodes(), name="")
        with graph.name_scope("s"):
            import_graph_def(two_nodes(), name="t")
    names = [op.name for op in graph.get_operations()]
    assert names == ["import/a", "import/c", "import/b", "import_1/a", "import_1/c", "import_1/b", "a", "c", "b", "a_1", "c_1", "b_1",
                     "s/t/a", "s/t/c", "s/t/b"]  # fmt: skip
    node = graph.get_operation_by_name("import/b").node_def
    assert list(node.input) == ["import/a", "^import/c"]
    assert node.attr["_class"].list.s == [b"loc:@import/a"] and node.attr["_mine"].i == 3
    assert graph.get_operation_by_name("import/c").device == "/device:CPU:0"
    assert graph.graph_def_versions.producer == 27


def test_inputs_are_mapped_and_elements_returned():
    graph = Graph()
    with graph.as_default():
        x = constant(2.0, name="x")
        first = constant(1, name="first").op
        b, out = import_graph_def(two_nodes(), {"a:0": x, "^c": first}, ["b", "b:0"], name="i")
        assert b.inputs == (x,) and b.control_inputs == [first] and out is b.outputs[0]
        (mapped,) = import_graph_def(two_nodes(), {"a": 3.0}, ["a:0"], name="j")
        assert mapped.op.name == "j/_inputs/Const"
        with pytest.raises(ValueError, match=r"Attempted to map inputs that were not found in graph_def: \[zz:0\]"):
            import_graph_def(two_nodes(), {"zz": x})
        with pytest.raises(ValueError, match="Requested return_element 'b:1' not found"):
            import_graph_def(two_nodes(), return_elements=["b:1"])
        with pytest.raises(ValueError, match="requires a non-empty `name`"):
            import_graph_def(two_nodes(), {"a": 3.0}, name="")
        with pytest.raises(TypeError, match="must be a GraphDef proto"):
            import_graph_def("graph.pb")
        with pytest.raises(TypeError, match="input_map"):
            import_graph_def(two_nodes(), [1])
        with pytest.raises(TypeError, match="return_elements"):
            import_graph_def(two_nodes(), return_elements=[1])


def test_attributes_that_only_the_writer_knows_are_dropped_at_their_default():
    from graphflow.formats.proto import OpList

    message = two_nodes()
    message.node[2].attr["newer"].b = True
    with pytest.raises(ValueError, match=r"NodeDef mentions attr 'newer' not in Op<name=NoOp"):
        imported(message)
    ops = from_text("op { name: 'NoOp' attr { name: 'newer' type: 'bool' default_value { b: true } } }", OpList)
    assert imported(message, producer_op_list=ops)[0].get_operation_by_name("c").type == "NoOp"


@pytest.mark.parametrize(("kind", "attributes", "text"), [
    ("AnonymousHashTable", {"key_dtype": "type: DT_STRING", "value_dtype": "type: DT_INT64"}, "make the table without"),
    ("For", {"T": "list { type: DT_INT32 }", "body": "func { name: 'g' }"}, "write the loop as tf.while_loop"),
])
def test_ops_that_stand_for_something_else_here_say_what_to_build(kind, attributes, text):
    written = " ".join(f"attr {{ key: '{key}' value {{ {value} }} }}" for key, value in attributes.items())
    zero = """node { name: 'c' op: 'Const' attr { key: 'dtype' value { type: DT_INT32 } }
                     attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }"""
    inputs = "input: 'c' " * 4 if kind == "For" else ""
    graph = imported(from_text(f"{zero} node {{ name: 'n' op: '{kind}' {inputs}{written} }}", GraphDef))[0]
    with pytest.raises(NotImplementedError, match=f"{kind} can be loaded and saved, but graphflow cannot run it: {text}"):
        graph.get_operation_by_name("n")._op_def.kernel(None)


def test_ops_without_a_class_are_held_with_recorded_shapes():
    message = from_text(
        """node { name: "f" op: "Fact" attr { key: "_output_shapes" value { list { shape { dim { size: 2 } } } } } }""", GraphDef
    )
    op = imported(message)[0].get_operation_by_name("f")
    assert op.type == "Fact" and op.outputs[0].shape.as_list() == [2]
    with pytest.raises(NotImplementedError, match="Fact can be built, loaded and saved, but graphflow cannot run it yet"):
        op._op_def.kernel(None)


def test_from_version_and_shapes():
    graph = Graph()
    with graph.as_default():
        constant([1, 2], name="one")
        version = graph.version
        constant(3.0, name="two")
    assert [n.name for n in graph.as_graph_def(from_version=version).node] == ["two"]
    node = graph.as_graph_def(add_shapes=True).node[0]
    assert [d.size for d in node.attr["_output_shapes"].list.shape[0].dim] == [2]


def test_public_attributes():
    graph = Graph()
    with graph.as_default():
        import_graph_def(two_nodes(), name="")
        op = constant([1, 2], name="one").op
    assert op.get_attr("dtype").name == "int32" and list(array_from_proto(op.get_attr("value"))) == [1, 2]
    b = graph.get_operation_by_name("b")
    assert b.get_attr("_class") == [b"loc:@a"] and b.get_attr("_mine") == 3
    with pytest.raises(ValueError, match="Operation 'b' has no attr named 'nothing'"):
        b.get_attr("nothing")
    assert op.op_def.name == "Const"


def test_a_constant_of_another_type_than_it_says_is_refused():
    """Found by damaging a SavedModel, whose saver then read numbers for names."""
    message = from_text("""node { name: "c" op: "Const" attr { key: "dtype" value { type: DT_STRING } }
        attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } } }""", GraphDef)
    with Graph().as_default(), pytest.raises(ValueError, match=r"Type mismatch between value \(int32\) and dtype \(string\)"):
        import_graph_def(message, name="")


def test_a_name_of_the_wrong_kind_is_refused():
    with Graph().as_default():
        with pytest.raises(TypeError, match="`return_elements` must be a list of strings, not 'b:0'"):
            import_graph_def(two_nodes(), return_elements="b:0")


def test_an_input_of_another_type_is_told_by_the_new_nodes_name():
    with Graph().as_default():
        with pytest.raises(ValueError, match="Input 0 of node import/b was passed string from Const:0 incompatible with expected"):
            import_graph_def(two_nodes(), input_map={"a": constant("text")})


def constant_node(name, count):
    return f"""node {{ name: "{name}" op: "Const" attr {{ key: "dtype" value {{ type: DT_INT32 }} }} attr {{ key: "value"
        value {{ tensor {{ dtype: DT_INT32 tensor_shape {{ dim {{ size: {count} }} }} int_val: 1 }} }} }} }}"""


@pytest.mark.parametrize(
    "op, inputs, attributes, what",
    [
        ("Reshape", "xb", {"T": "INT32", "Tshape": "INT32"}, "at most 254 dimensions, not 8589934592"),
        ("StridedSlice", "xbbb", {"T": "INT32", "Index": "INT32"}, "at most 32 entries, not 8589934592"),
        ("StridedSlice", "xxxy", {"T": "INT32", "Index": "INT32"}, "begin, end, and strides to be 1D equal size tensors"),
        ("Sum", "xb", {"T": "INT32", "Tidx": "INT32"}, None),
        ("Transpose", "xb", {"T": "INT32", "Tperm": "INT32"}, None),
    ],
)
def test_a_claimed_length_takes_no_memory(op, inputs, attributes, what):
    """b says that it holds 2**33 numbers, all 1."""
    text = "".join(constant_node(*pair) for pair in (("x", 2), ("y", 3), ("b", 1 << 33)))
    given = "".join(f'input: "{name}" ' for name in inputs)
    types = "".join(f'attr {{ key: "{key}" value {{ type: DT_{dtype} }} }}' for key, dtype in attributes.items())
    message = from_text(f'{text} node {{ name: "out" op: "{op}" {given} {types} }}', GraphDef)
    with Graph().as_default():
        if what is None:
            import_graph_def(message, name="")
        else:
            with pytest.raises(ValueError, match=what):
                import_graph_def(message, name="")
