"""What stands in six's place, which TensorFlow 1 brought along and programs import unasked."""
import abc
import pickle
import sys
import urllib.parse

import pytest

from graphflow.commands import old_libraries
from graphflow.commands.old_libraries import modules, six, six_moves


@pytest.fixture
def without_six(monkeypatch):
    """No module of six is there, as in an environment without it, before and after."""
    for name in [name for name in sys.modules if name.split(".")[0] == "six"]:
        monkeypatch.delitem(sys.modules, name)
    there = modules._there
    monkeypatch.setattr(modules, "_there", lambda name: None if name.split(".")[0] == "six" else there(name))
    monkeypatch.setattr(modules.importlib.util, "find_spec", lambda name, package=None: None)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.split(".")[0] == "six":
            del sys.modules[name]


def test_programs_import_it_where_it_is_not_there(without_six):
    for name in ("six", "six.moves", "six.moves.urllib.request"):
        assert modules.put_in_place(name)
    assert sys.modules["six"] is six and sys.modules["six.moves"] is six_moves
    assert sys.modules["six.moves.urllib.request"] is urllib.request
    values = {"__builtins__": old_libraries.script_builtins()}
    exec("import six\nfrom six.moves import xrange, cPickle\nimport six.moves.urllib.parse\na = six.moves.urllib.parse.quote('a b')",
         values)
    assert values["six"] is six and values["xrange"] is range and values["cPickle"] is pickle and values["a"] == "a%20b"


def test_metaclasses():
    class Parent:
        pass

    class Base(six.with_metaclass(abc.ABCMeta, Parent)):
        @abc.abstractmethod
        def name(self):
            """Of a subclass."""

    @six.add_metaclass(abc.ABCMeta)
    class Other:
        __slots__ = ("x",)

    assert type(Base) is abc.ABCMeta and Base.__mro__[1] is Parent and type(Other) is abc.ABCMeta
    with pytest.raises(TypeError, match="abstract"):
        Base()


def test_texts_and_dicts():
    assert list(six.iteritems({1: 2})) == [(1, 2)] and list(six.itervalues({1: 2})) == [2] and list(six.iterkeys({1: 2})) == [1]
    assert six.ensure_binary("é") == "é".encode() and six.ensure_text(b"a") == six.ensure_str("a") == "a"
    assert isinstance("a", six.string_types) and isinstance(3, six.integer_types) and not six.PY2
    assert six.int2byte(65) == b"A" and six.byte2int(b"A") == 65 and six.b("\xe9") == b"\xe9"
    with pytest.raises(TypeError, match="not expecting type"):
        six.ensure_text(3)


def test_exceptions_keep_their_traces():
    with pytest.raises(ValueError, match="x") as caught:
        six.raise_from(ValueError("x"), KeyError("y"))
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(ValueError, match="x"):
        six.reraise(ValueError, caught.value, caught.tb)


def test_moves():
    assert six_moves.urllib is urllib and list(six_moves.zip_longest([1, 2], [3])) == [(1, 3), (2, None)]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        six_moves.nothing  # noqa: B018
