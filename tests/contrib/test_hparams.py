"""tf.contrib.training.HParams: types, text, JSON."""
import json

import pytest

import graphflow as tf

HParams = tf.contrib.training.HParams


def made():
    return HParams(rate=0.1, units=3, name="a b", flag=True, sizes=[1, 2, 3], weights=(0.5, 1.5))


def test_values_are_attributes_and_a_dict():
    h = made()
    assert (h.rate, h.units, h.sizes) == (0.1, 3, [1, 2, 3])
    assert h.values() == {"rate": 0.1, "units": 3, "name": "a b", "flag": True, "sizes": [1, 2, 3], "weights": (0.5, 1.5)}
    assert "rate" in h and "missing" not in h and h.get("missing", 5) == 5 and h.get("units", 7) == 3
    assert str(HParams(b=1, a=2)) == "[('a', 2), ('b', 1)]" and repr(HParams(a=2)) == "HParams([('a', 2)])"
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = h.missing


@pytest.mark.parametrize(("text", "change"), [
    ("rate=2", {"rate": 2.0}), ("units=-4, rate=1e-3", {"units": -4, "rate": 1e-3}), ("name=some text", {"name": "some text"}),
    ("flag=False", {"flag": False}), ("flag=0,units=1", {"flag": False, "units": 1}), ("flag=true", {"flag": True}),
    ("sizes=[4, 5]", {"sizes": [4, 5]}), ("sizes[1]=9,sizes[0]=8", {"sizes": [8, 9, 3]}),
    ("weights=[1,2],name=", {"weights": [1.0, 2.0], "name": ""}),
    ("", {})])
def test_text_overrides_values(text, change):
    h = made()
    assert h.parse(text) is h
    assert h.values() == {**made().values(), **change}
    assert type(h.rate) is float and type(h.units) is int


@pytest.mark.parametrize(("text", "message"), [
    ("units=2.5", "Could not parse hparam 'units' of type 'int' with value '2.5'"),
    ("nothing=3", "Unknown hyperparameter type for nothing"),
    ("units", "Malformed hyperparameter value: units"),
    ("sizes=3", "Must pass a list for multi-valued parameter: sizes"),
    ("units=[3]", "Must not pass a list for single-valued parameter: units"),
    ("units=1,units=2", "Multiple assignments to variable 'units'"),
    ("flag=maybe", "Could not parse hparam 'flag'"),
    ("sizes[0]=1,sizes[0]=2", "Multiple assignments"), ("sizes[0]=[1]", "Multiple assignments")])
def test_wrong_text_is_refused(text, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        made().parse(text)


def test_json_goes_both_ways():
    h = made()
    assert json.loads(h.to_json()) == {**made().values(), "weights": [0.5, 1.5]}
    assert h.parse_json('{"rate": 3, "sizes": [7]}').values() == {**made().values(), "rate": 3.0, "sizes": [7]}
    h.add_hparam("function", len)
    assert "function" not in json.loads(h.to_json())


@pytest.mark.parametrize(("name", "value"), [("units", 2.0), ("units", "2"), ("rate", "x"), ("flag", 1), ("units", True), ("name", 3)])
def test_types_stay(name, value):
    with pytest.raises(ValueError, match=f"Could not cast hparam '{name}'"):
        made().set_hparam(name, value)


def test_names_are_added_and_taken_out():
    h = made()
    for name in ("rate", "values"):
        with pytest.raises(ValueError, match=f"Hyperparameter name is reserved: {name}"):
            h.add_hparam(name, 3)
    with pytest.raises(ValueError, match="cannot be empty"):
        h.add_hparam("new", [])
    with pytest.raises(KeyError, match="there is no such hyperparameter"):
        h.set_hparam("new", 3)
    h.del_hparam("rate")
    assert "rate" not in h and not hasattr(h, "rate")
    h.add_hparam("rate", "text")
    assert h.rate == "text"
    h.add_hparam("anything", None)
    h.set_hparam("anything", 4)
    assert h.anything == 4
    with pytest.raises(ValueError, match="incompatible with default"):
        h.get("units", [3])


def test_values_are_parsed_by_a_map_of_types():
    assert tf.contrib.training.parse_values("a=1,b=2,c=3", {"a": int, "c": float}, ignore_unknown=True) == {"a": 1, "c": 3.0}
    with pytest.raises(NotImplementedError, match="hparam_def"):
        HParams(hparam_def=object())
