"""Messages: classes on first touch, text and binary forms, a private pool, errors that say where."""

import importlib.util
from pathlib import Path

import pytest

from graphflow.formats import proto
from graphflow.formats.errors import DataLossError
from graphflow.formats.proto import AttrValue, ConfigProto, GraphDef, SaverDef, Summary, from_text, parse, to_bytes, to_text

ROOT = Path(__file__).resolve().parents[2]


def small_graph():
    graph = GraphDef()
    node = graph.node.add(name="ö/a", op="Const", input=["b:1", "^c"])
    node.attr["value"].tensor.dtype = proto.DT_FLOAT
    node.attr["value"].tensor.float_val.extend([0.1, 1e-7, float("inf")])
    node.attr["raw"].s = b"\x00\xff\"'"
    node.attr["empty"].shape.SetInParent()
    graph.versions.producer = 1882
    return graph


def test_descriptor_set_is_compiled_from_the_texts():
    spec = importlib.util.spec_from_file_location("compile_protos", ROOT / "tools" / "compile_protos.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (tool.FOLDER / "messages.sha256").read_text().strip() == tool.sources_checksum(), "run tools/compile_protos.py"


def test_messages_enums_and_values_are_attributes():
    assert proto.DT_STRING == 7
    assert proto.DataType.Name(1) == "DT_FLOAT"
    assert SaverDef.V2 == 2
    assert proto.OptimizerOptions.L0 == -1
    assert Summary.Value(tag="a", simple_value=2).simple_value == 2.0
    assert "GraphDef" in dir(proto)
    assert {"GraphDef", "CheckpointState", "SavedModel", "Example", "Event"} <= set(proto.message_names())
    with pytest.raises(AttributeError, match="no message, enum or enum value"):
        proto.NoSuchMessage  # noqa: B018


def test_every_message_can_be_made_and_read_back_empty():
    for name in proto.message_names():
        kind = getattr(proto, name)
        assert parse(to_bytes(kind()), kind) == kind()
        assert from_text(to_text(kind()), kind) == kind()


def test_config_has_the_engine_field_that_others_keep_as_unknown():
    config = ConfigProto(engine="native", allow_soft_placement=True)
    assert to_bytes(config) == b"\x38\x01" + b"\x8a\xe2\x09\x06native"


def test_both_forms_read_back():
    graph = small_graph()
    assert parse(to_bytes(graph), GraphDef) == graph
    assert from_text(to_text(graph), GraphDef) == graph


def test_bytes_do_not_depend_on_the_order_of_map_entries():
    one, other = AttrValue(), AttrValue()
    for name in "abc":
        one.func.attr[name].i = 1
    for name in "cba":
        other.func.attr[name].i = 1
    assert to_bytes(one) == to_bytes(other)


def test_text_form_is_the_one_tensorflow_writes():
    graph = GraphDef()
    node = graph.node.add(name="a", op="Const")
    node.attr["dtype"].type = proto.DT_FLOAT
    node.attr["b"].f = 0.1
    node.attr["a"].shape.SetInParent()
    assert to_text(graph) == (
        'node {\n  name: "a"\n  op: "Const"\n  attr {\n    key: "a"\n    value {\n      shape {\n      }\n    }\n  }\n'
        '  attr {\n    key: "b"\n    value {\n      f: 0.1\n    }\n  }\n'
        '  attr {\n    key: "dtype"\n    value {\n      type: DT_FLOAT\n    }\n  }\n}\n'
    )


def test_text_reader_takes_what_people_write():
    text = """# a comment with { and "
    node < name: 'a' "b", op: "\\x41\\101\\u0041"; input: ["x", 'y:1'] attr { key: "f" value: { f: -1.5e3f } } >
    versions { producer: 0x10 }"""
    graph = from_text(text, GraphDef)
    assert graph.node[0].name == "ab" and graph.node[0].op == "AAA" and list(graph.node[0].input) == ["x", "y:1"]
    assert graph.node[0].attr["f"].f == -1500.0 and graph.versions.producer == 16


@pytest.mark.parametrize(
    "data, what",
    [
        (b"\x0a\x05ab", r"at byte 1 of 4: GraphDef.node claims 5 bytes, but 2 are left"),
        (b"\x0a\x03\x0a\x01\xff", r"at byte 4 of 5: NodeDef.name must be UTF-8"),
        (b"\x18\xff", r"at byte 1 of 2: field 3 is cut"),
        (b"\x18" + b"\xff" * 11, r"more than 64 bits"),
        (b"\x00\x01", r"found field number 0"),
        (b"\x0b", r"the end of group 1 is missing"),
        (b"\x0c", r"the end of group 1 without its start"),
        (b"\x0b" * 200 + b"\x0c" * 200, r"nested deeper than 100"),
        (b"\x3d\x01", r"field 7 needs 4 bytes"),
    ],
)
def test_a_damaged_message_says_file_offset_and_fault(data, what):
    with pytest.raises(DataLossError, match="^some.pb: .*" + what):
        parse(data, GraphDef, "some.pb")


@pytest.mark.parametrize(
    "text, what",
    [
        ("node {", "Expected"),
        ("node { name: 'a\n' }", "line 1, column 14"),
        ("node { name: 'a\\q' }", "unknown escape"),
        ("node { name: 'a\\400' }", "unknown escape"),
        ("nodes { }", "no field named"),
        ("version: 4000000000", "out of range"),
        (b"node { name: '\xff' }", "at byte 14: expected UTF-8"),
        ("node { " * 200, "nested deeper than 100"),
    ],
)
def test_a_damaged_text_says_file_and_fault(text, what):
    with pytest.raises(DataLossError, match="^some.pbtxt: .*" + what):
        from_text(text, GraphDef, "some.pbtxt")


def test_octal_escapes_up_to_a_byte_are_read():
    assert from_text(r"node { name: 'a\101\79\61\1018' }", GraphDef).node[0].name == "aA\x0791A8"


def test_an_escaped_question_mark_is_read_as_one():
    assert from_text(r"node { name: 'a\?b\\?' } # \?", GraphDef).node[0].name == "a?b\\?"


def test_an_open_string_of_many_escapes_is_refused_at_once():
    with pytest.raises(DataLossError, match="line 1, column 14"):
        from_text('node { name: "' + "\\000" * 5000, GraphDef)
