"""What stands in six's place where that is not installed: TensorFlow 1 brought it along, so programs imported it unasked.

Only Python 3's side of each name, as there is no Python 2 here. `moves` has its own module.
"""
from __future__ import annotations

import functools
import io
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

__path__: list[str] = []        # six.moves is found below it
__version__ = "1.17.0"
PY2, PY3, PY34 = False, True, True
MAXSIZE = sys.maxsize
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type = str, bytes
StringIO, BytesIO = io.StringIO, io.BytesIO
unichr, int2byte, byte2int, indexbytes = chr, operator.methodcaller("to_bytes", 1, "big"), operator.itemgetter(0), operator.getitem
iterbytes, next, callable = iter, next, callable            # names that programs import from six
advance_iterator, print_, exec_, wraps = next, print, exec, functools.wraps
get_method_function, get_method_self = operator.attrgetter("__func__"), operator.attrgetter("__self__")
get_function_code, get_function_globals = operator.attrgetter("__code__"), operator.attrgetter("__globals__")
get_function_closure, get_function_defaults = operator.attrgetter("__closure__"), operator.attrgetter("__defaults__")


def iterkeys(d: Any, **kw: Any) -> Any:
    """An iterator over keys."""
    return iter(d.keys(**kw))


def itervalues(d: Any, **kw: Any) -> Any:
    """An iterator over values."""
    return iter(d.values(**kw))


def iteritems(d: Any, **kw: Any) -> Any:
    """An iterator over pairs."""
    return iter(d.items(**kw))


def iterlists(d: Any, **kw: Any) -> Any:
    """An iterator over pairs of a key and its list."""
    return iter(d.lists(**kw))


viewkeys, viewvalues, viewitems = operator.methodcaller("keys"), operator.methodcaller("values"), operator.methodcaller("items")


def b(s: str) -> bytes:
    """A text of bytes as bytes."""
    return s.encode("latin-1")


def u(s: str) -> str:
    """The text itself."""
    return s


def ensure_binary(s: Any, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """Text or bytes as bytes."""
    return s.encode(encoding, errors) if isinstance(s, str) else bytes(_text_or_bytes(s))


def ensure_text(s: Any, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Text or bytes as text."""
    return s if isinstance(s, str) else bytes(_text_or_bytes(s)).decode(encoding, errors)


ensure_str = ensure_text


def _text_or_bytes(s: Any) -> Any:
    if not isinstance(s, bytes):
        raise TypeError(f"not expecting type '{type(s)}'")
    return s


def reraise(tp: Any, value: Any, tb: Any = None) -> None:
    """Raises an exception with its traceback."""
    raise (tp() if value is None else value).with_traceback(tb)


def raise_from(value: Any, from_value: Any) -> None:
    """Raises an exception with its cause."""
    raise value from from_value


def with_metaclass(meta: Any, *bases: type) -> type:
    """A base class whose subclasses get the metaclass `meta` and these bases."""
    def made(name: str, _: Any, namespace: dict[str, Any]) -> Any:
        found = types.resolve_bases(bases)
        return meta(name, found, {key: value for key, value in namespace.items() if key != "__orig_bases__"})
    chooser = type("_Chooser", (type,), {"__new__": lambda cls, name, _, namespace: made(name, _, namespace),
                                         "__prepare__": classmethod(lambda cls, name, _: meta.__prepare__(name, bases))})
    return type.__new__(chooser, "temporary_class", (), {})


def add_metaclass(metaclass: Any) -> Callable[[type], type]:
    """A decorator that makes a class anew with a metaclass."""
    def wrapper(cls: type) -> Any:
        slots = getattr(cls, "__slots__", ())
        left = ("__dict__", "__weakref__", *([slots] if isinstance(slots, str) else slots))
        return metaclass(cls.__name__, cls.__bases__, {key: value for key, value in vars(cls).items() if key not in left})
    return wrapper


def python_2_unicode_compatible(klass: type) -> type:
    """The class itself."""
    return klass


def create_bound_method(func: Any, obj: Any) -> Any:
    """A method of an object."""
    return types.MethodType(func, obj)


create_unbound_method = operator.itemgetter(0)
Iterator = type("Iterator", (), {"next": lambda self: type(self).__next__(self)})
