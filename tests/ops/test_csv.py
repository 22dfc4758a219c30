"""`tf.decode_csv`: values and errors that TensorFlow 2.21 gives."""

import csv
import io
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphflow as tf
from graphflow.kernels import csv_records
from graphflow.kernels.csv_records import columns, fields


def run(records, defaults, **more):
    with tf.Graph().as_default(), tf.Session() as session:
        return [np.asarray(v).tolist() for v in session.run(tf.decode_csv(records, defaults, **more))]


def test_columns_types_and_defaults():
    assert run(["1,2.5,a", '3,,"b,c ""q"""'], [[0], [7.0], ["x"]]) == [[1, 3], [2.5, 7.0], [b"a", b'b,c "q"']]
    assert run("1,2", [[0], [0]]) == [1, 2]
    assert run([" 1 ,2"], [0, [0]]) == [[1], [2]]
    assert run(["1e3,inf"], [[0.0], [0.0]]) == [[1000.0], [np.inf]]
    assert run(["-7e301,1e-60"], [[0.0], [0.0]]) == [[-np.inf], [0.0]]
    assert run(['"",2'], [["d"], [0]]) == [[b"d"], [2]]


def test_options():
    assert run(["NA,2"], [[5], [0]], na_value="NA") == [[5], [2]]
    assert run(["1;2;3"], [[0], [0]], field_delim=";", select_cols=[0, 2]) == [[1], [3]]
    assert run(['a"b,2'], [[""], [0]], use_quote_delim=False) == [[b'a"b'], [2]]


def test_nodes_and_shapes():
    with tf.Graph().as_default() as graph:
        found = tf.decode_csv(["1,2"] * 3, [[0], [0.0]])
        assert [(t.dtype, t.shape.as_list()) for t in found] == [(tf.int32, [3]), (tf.float32, [3])]
    names = [op.name for op in graph.get_operations()]
    assert names == ["DecodeCSV/records", "DecodeCSV/record_defaults_0", "DecodeCSV/record_defaults_1", "DecodeCSV"]


@pytest.mark.parametrize(
    "record, defaults, what",
    [
        ("1", [[0], [0]], "Expect 2 fields but have 1 in record 0"),
        ("1,2,3", [[0], [0]], "Expect 2 fields but have 3 in record 0"),
        ("", [[4]], "Expect 1 fields but have 0 in record 0"),
        ("a,2", [[0], [0]], "Field 0 in record 0 is not a valid int32: a"),
        ("99999999999,2", [[0], [0]], "is not a valid int32: 99999999999"),
        ("1.5,2", [[0], [0]], "is not a valid int32: 1.5"),
        ("x", [[0.0]], "is not a valid float: x"),
        ('a"b,2', [[""], [0]], "Unquoted fields cannot have quotes/CRLFs inside"),
        ("a\nb,2", [[""], [0]], "Unquoted fields cannot have quotes/CRLFs inside"),
        ('"ab"c,2', [[""], [0]], "Quote inside a string has to be escaped by another quote"),
        ('"ab,2', [[""], [0]], "Quoted field has to end with quote followed by delim or end"),
    ],
)
def test_what_does_not_fit(record, defaults, what):
    with pytest.raises(tf.errors.InvalidArgumentError, match=what):
        run([record], defaults)


def test_required_fields():
    with tf.Graph().as_default(), tf.Session() as session:
        found = tf.decode_csv([",2"], [tf.constant([], tf.int32), [0]])
        with pytest.raises(tf.errors.InvalidArgumentError, match="Field 0 is required but missing in record 0"):
            session.run(found)


@pytest.mark.parametrize(
    "arguments, error, what",
    [
        ({"record_defaults": [[0, 1], [0]]}, ValueError, "length-0 or length-1 vector, or a scalar"),
        ({"record_defaults": [[True], [0]]}, TypeError, "DataType bool not in list of allowed values"),
        ({"record_defaults": [[0], [0]], "select_cols": [1]}, ValueError, "Length of select_cols and record_defaults do not match"),
        ({"record_defaults": [[0], [0]], "select_cols": [1, 0]}, ValueError, "not strictly increasing"),
        ({"record_defaults": [[0], [0]], "field_delim": ",,"}, ValueError, "only 1 character"),
    ],
)
def test_wrong_arguments(arguments, error, what):
    with tf.Graph().as_default(), pytest.raises(error, match=what):
        tf.decode_csv(["1,2"], **arguments)


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\r\0"), max_size=6), min_size=1, max_size=5))
def test_any_record_that_is_written_is_read(row):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(row)
    assert fields(text.getvalue().encode(), b",", True) == [field.encode() for field in row]


FIELDS = {
    "int32": ["1", "-7", "+3", "007", "2147483647", "2147483648", " 4 ", "1.5", '"8"', '""', "x", "1_0", "-", "123456789012345678901"],
    "float32": ["1", "-2.5", ".5", "3.", "-0", "1e3", "inf", "16777217", "0.1", "123456789.123456789", "1e99", "1.2.3", "--1", " 7", "."],
    "float64": ["1.25", "-0.0", "0.30000000000000004", "9007199254740993", "nan", "1e-400", "12345678901234567890"],
    "string": ["a", "b c", "NA", '"q,1"', '"say ""x"""', "é", "-", '""', '"a\nb"', 'a"b', '"ab"c', "a\nb", '"', '"""', '"NA"', 'x"'],
}


def outcome(*arguments):
    try:
        return [[repr(v) for v in column.tolist()] for column in columns(*arguments)]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(150))
def test_records_read_together_give_what_each_gives_alone(seed, monkeypatch):
    source = random.Random(seed)
    types = source.choices(["int32", "float32", "float64", "string"], k=source.randint(1, 4))
    sound = source.choice([4, 5, 9, 20])          # how many of the kinds of fields occur: the first ones can be read
    records = []
    for _ in range(source.choice([1, 2, 5, 9, 40])):
        row = [source.choice(["", "NA", *FIELDS[kind][:sound]] if source.random() < 0.1 else FIELDS[kind][:sound]) for kind in types]
        records.append(",".join(row[: source.choice([len(row)] * 30 + [1])]).encode())
    defaults = [source.choice([None, {"string": b"d", "int32": 5}.get(kind, 2.5)]) for kind in types]
    select = tuple(sorted(source.sample(range(len(types)), source.randint(1, len(types))))) if seed % 3 == 0 else ()
    chosen = [types[k] for k in select] if select else types
    if select:
        defaults = [defaults[k] for k in select]
    arguments = (records, chosen, defaults, b",", seed % 4 != 0, b"NA" if seed % 2 else b"", select)
    monkeypatch.setattr(csv_records, "CHUNK", 7)
    together = outcome(*arguments)
    monkeypatch.setattr(csv_records, "fill", lambda *_: False)
    assert together == outcome(*arguments)
