"""What an operation type knows: its signature, attributes, shape inference, kernel and gradient.

A class per op type; its name is the type in a GraphDef, its annotated fields are the attributes. Instances are immutable and
interned by (class, attributes), so equal ops are one object and the results of `infer` can be remembered on them.

Signatures: "a: T, b: T -> product: T" with
    T        a type attribute, or a dtype by name (int32, string)      &T   a reference input, written by the op
    T*       list of one dtype, its length in attribute N               T*k  the same, its length in attribute k
    [Ts]     list of any dtypes, attribute Ts holds them                @    resource handle; kernels receive the value
`&` inputs are updated and `@` inputs read unless the class says otherwise by `accesses` (see core.effects).
"""
from __future__ import annotations

import importlib
import sys
import weakref
from collections import deque, namedtuple
from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from .._public.api import OPS
from . import dtypes
from .dtypes import DType
from .effects import Access, by_signature
from .shapes import describe

Shape = tuple[int | None, ...] | None

REGISTRY: dict[str, type[Op]] = {}
_interned: weakref.WeakValueDictionary[tuple[Any, ...], Op] = weakref.WeakValueDictionary()    # what graphs hold lives
_NATURAL = {"bool": bool, "int": int, "float": float}
_specs: weakref.WeakValueDictionary[tuple[DType, Shape], Spec] = weakref.WeakValueDictionary()
_new_specs: deque[Spec] = deque(maxlen=1024)     # kept although nobody holds them: a plan asks for the same ones again and again
_REMEMBERED = 4096       # entries of a memo, which begins anew when it has more


class Spec:
    """A dtype and a maybe partial shape (tuple of int or None; None = unknown rank). Equal specs are one object."""
    __slots__ = ("__weakref__", "dtype", "shape")
    dtype: DType
    shape: Shape
    value: ClassVar[None] = None
    partial: ClassVar[None] = None

    def __new__(cls, dtype: DType, shape: Any = None) -> Spec:
        try:
            found = _specs.get((dtype, shape))
            if found is not None:
                return found
        except TypeError:                   # a list
            pass
        if shape is not None:
            shape = tuple([None if d is None else int(d) for d in shape])
        known = _specs.get((dtype, shape))
        if known is None:
            known = object.__new__(cls)
            known.dtype, known.shape = dtype, shape
            known = _specs.setdefault((dtype, shape), known)
            _new_specs.append(known)
        return known

    def __repr__(self) -> str:
        return f"{self.dtype.name}{describe(self.shape, ', ')}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Spec, (self.dtype, self.shape)


class Known:
    """The spec of a static input: besides dtype and shape its value, or None, and its value as a maybe partial shape."""
    __slots__ = ("dtype", "partial", "shape", "value")

    def __init__(self, dtype: DType, shape: Shape, value: np.ndarray | None, partial: Shape = None):
        self.dtype, self.shape, self.value, self.partial = dtype, shape, value, partial

    def __repr__(self) -> str:
        return f"{self.dtype.name}{describe(self.shape, ', ')}={self.value}"


class OneOf:
    """Default of a type attribute that has none of its own: which dtypes are allowed, and maybe a default."""
    __slots__ = ("allowed", "default")

    def __init__(self, *allowed: Any, default: DType | None = None):
        types: list[DType] = []
        for item in allowed:
            types.extend(item if isinstance(item, (tuple, list)) else (item,))
        self.allowed, self.default = frozenset(types), default


def one_of(*allowed: Any, default: DType | None = None) -> Any:
    """The dtypes that a type attribute may take. Typed Any, since it stands where the class body declares a DType."""
    return OneOf(*allowed, default=default)


class Arg(NamedTuple):
    """One input or output of a signature. kind: 'one', 'list' (number attr) or 'mixed' (type list attr)."""
    name: str
    type: str
    is_ref: bool
    is_handle: bool
    kind: str
    number: str
    fixed: DType | None


class Signature(NamedTuple):
    inputs: tuple[Arg, ...]
    outputs: tuple[Arg, ...]
    plain: bool                      # no list among the inputs
    ref_inputs: tuple[int, ...]
    handle_inputs: tuple[int, ...]


def _parse_side(text: str, fields: tuple[str, ...], owner: str) -> tuple[Arg, ...]:
    found = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, kind_text = (p.strip() for p in part.partition(":"))
        is_ref, kind, number = kind_text.startswith("&"), "one", ""
        kind_text = kind_text.lstrip("&")
        is_handle = kind_text.startswith("@")
        if is_handle:
            kind_text = kind_text.lstrip("@") or "resource"
        if kind_text.startswith("["):
            kind, kind_text = "mixed", kind_text.strip("[]")
        elif "*" in kind_text:
            kind, (kind_text, number) = "list", (p.strip() for p in kind_text.split("*"))
            number = number or "N"
        fixed = None
        if kind_text not in fields:
            fixed = getattr(dtypes, "bool" if kind_text == "bool" else kind_text, None)
            if not isinstance(fixed, DType):
                raise TypeError(f"{owner}: {kind_text!r} in the signature is neither an attribute nor a dtype")
        found.append(Arg(name, kind_text, is_ref, is_handle, kind, number, fixed))
    return tuple(found)


class Op:
    """Base of all op types. See the module's docstring and CONTRIBUTING.md."""
    fields: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[dict[str, str]] = {}          # attribute -> annotation text
    defaults: ClassVar[dict[str, Any]] = {}
    allowed: ClassVar[dict[str, frozenset[DType]]] = {}
    sig: ClassVar[str | None] = None
    static: ClassVar[tuple[str, ...]] = ()        # inputs whose values infer (and the kernel, while tracing) needs
    stateful: ClassVar[bool] = False              # as in the op table: never merged, folded or dropped
    may_wait: ClassVar[bool] = False              # may wait for other threads: runs outside of the session's lock (see plan.segments)
    host: ClassVar[bool] = False                  # the kernel needs real arrays: never traced
    draws: ClassVar[bool] = False                 # a stateful op that only takes `blocks(inputs)` of its random stream: traced
    folds: ClassVar[bool] = True                  # False: never computed while building, as it is the user's code
    elementwise: ClassVar[bool] = False
    forwards: ClassVar[bool] = False              # the output is the input's own memory: a window on it where that is a reference
    mutates: ClassVar[bool] = False               # the kernel may overwrite its written arguments, which are then its own
    holds: ClassVar[str | None] = None            # "branches", "loop" or "call": it has bodies (`bodies_of`) in place of a kernel
    differentiable: ClassVar[bool] = True         # False: nothing flows through it, without an error
    plain: ClassVar[bool] = False                 # `constant_value` looks through it: TensorFlow's choice, which Python code branches on
    flops_per_element: ClassVar[int] = 0          # of the output; what `flops` counts unless a class says otherwise
    lowered: ClassVar[Any] = None                 # ops that hold functions: (lowering, operation) -> values of the outputs
    _signature: ClassVar[Signature | None] = None
    _static_positions: ClassVar[tuple[int, ...]] = ()
    _calls: ClassVar[dict[Any, Any]] = {}         # what `make` found for (input specs, attributes)
    _results: ClassVar[Any] = ""                  # see `results`
    _memo: dict[Any, Any]

    def __init_subclass__(cls, sig: str | None = None, **options: Any) -> None:
        super().__init_subclass__()
        annotations = cls.__dict__.get("__annotations__")  # noqa: RUF063 - own annotations only, and on 3.14 below
        if annotations is None and sys.version_info >= (3, 14):
            import annotationlib  # at first use: only Python 3.14 and later have it
            annotations = annotationlib.get_annotations(cls, format=annotationlib.Format.STRING)
        own = {k: v for k, v in (annotations or {}).items() if _text(v) != "Any" and not _text(v).startswith("ClassVar") and k != "_memo"}
        if own:
            cls.fields = tuple(own) + tuple(f for f in cls.fields if f not in own)
            cls.kinds = {**cls.kinds, **{k: _text(v) for k, v in own.items()}}
            cls.defaults, cls.allowed = dict(cls.defaults), dict(cls.allowed)
            for name in own:
                if name in cls.__dict__:
                    default = cls.__dict__[name]
                    if isinstance(default, OneOf):
                        cls.allowed[name] = default.allowed
                        delattr(cls, name)
                        if default.default is not None:
                            cls.defaults[name] = default.default
                    else:
                        cls.defaults[name] = default
                else:                                   # declared anew without a default: it has none, whatever its base says
                    cls.defaults.pop(name, None)
        for name, value in options.items():
            setattr(cls, name, value)
        cls._calls = {}
        if sig is not None:
            cls.sig, cls._signature = sig, None
            REGISTRY[cls.__name__] = cls

    @classmethod
    def signature(cls) -> Signature:
        """The parsed signature; parsed on first use."""
        parsed = cls._signature
        if parsed is None:
            left, _, right = (cls.sig or "->").partition("->")
            inputs = _parse_side(left, cls.fields, cls.__name__)
            outputs = _parse_side(right, cls.fields, cls.__name__)
            parsed = cls._signature = Signature(
                inputs, outputs, all(a.kind == "one" for a in inputs),
                tuple(i for i, a in enumerate(inputs) if a.is_ref), tuple(i for i, a in enumerate(inputs) if a.is_handle))
            names = [a.name for a in inputs]
            # after a list input a position is counted from the end
            cls._static_positions = tuple(at - len(names) if any(a.kind != "one" for a in inputs[:at]) else at
                                          for at in map(names.index, cls.static))
        return parsed

    @classmethod
    def results(cls) -> Any:
        """The named tuple of the outputs; None where one of them is a list, or there are fewer than two."""
        found = cls.__dict__.get("_results", "")
        if found == "":
            outputs = cls.signature().outputs
            plain = len(outputs) > 1 and all(a.kind == "one" for a in outputs)
            found = cls._results = namedtuple(cls.__name__, [a.name for a in outputs]) if plain else None
        return found

    @classmethod
    def of(cls, **attrs: Any) -> Op:
        """The one op of this type with these attributes (others take their defaults)."""
        try:
            return _interned[(cls, *attrs.items())]
        except (KeyError, TypeError):
            pass
        attrs = {k: tuple(v) if v.__class__ is list else v for k, v in attrs.items()}
        values = {**cls.defaults, **attrs}
        for name, annotation in cls.kinds.items():
            if annotation == "float" and values.get(name) is not None:      # float32 is what a GraphDef holds, and TensorFlow computes with
                values[name] = float(np.float32(values[name]))
            elif annotation == "list[float]" and values.get(name) is not None:
                values[name] = tuple([float(np.float32(v)) for v in values[name]])
        for name in cls.fields:
            if name not in values:
                raise TypeError(f"{cls.__name__}: attribute {name!r} is missing")
        if len(values) != len(cls.fields):
            unknown = sorted(set(values) - set(cls.fields))
            raise TypeError(f"{cls.__name__} has no attribute {', '.join(unknown)}; it has {', '.join(cls.fields) or 'none'}")
        try:
            key: tuple[Any, ...] | None = (cls, *[(k, _typed(values[k])) for k in cls.fields])
            known = _interned.get(key)  # type: ignore[arg-type]
        except TypeError:  # an attribute that cannot be hashed (a tensor): the op stands alone
            key = known = None
        if known is None:
            known = object.__new__(cls)
            known.__dict__.update(values)
            known.__dict__["_memo"] = {}
            if key is not None:
                known = _interned.setdefault(key, known)
        if key is not None and all(_NATURAL.get(cls.kinds[k], v.__class__) is v.__class__ is not list for k, v in attrs.items()):
            _interned[(cls, *attrs.items())] = known  # the short way next time
        return known

    def attributes(self) -> dict[str, Any]:
        """Attribute names and values, in the order of the class."""
        return {name: self.__dict__[name] for name in self.fields}

    def resource_key(self, operation: Any) -> str | None:
        """For ops that stand for a resource (a variable, queue, table, ...): its key in the session's store; None for all others."""
        return None

    def accesses(self, operation: Any) -> Sequence[Access]:
        """What the operation does to the resources behind its inputs (see core.effects)."""
        return by_signature(operation)

    def infer(self, *inputs: Any) -> Any:
        """Output specs from input specs; ValueError when they do not fit. Default: everything unknown."""
        return tuple(Spec(dtypes_of, None) for dtypes_of in output_dtypes(self))

    def check(self, *inputs: Any) -> None:
        """ValueError for what TensorFlow leaves to its kernels to refuse; gets the specs of a run, with the values of static inputs."""

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        """Output values from input values, through functions of the array namespace `xp` only; pure."""
        raise NotImplementedError(f"{type(self).__name__} can be built, loaded and saved, but graphflow cannot run it yet")

    def run(self, ctx: Any, *inputs: Any) -> Any:
        """What `kernel` is for other ops: the output values of a stateful one, which gets its context in the session first."""
        raise NotImplementedError(f"{type(self).__name__} can be built, loaded and saved, but graphflow cannot run it yet")

    def grad(self, op: Any, *dy: Any) -> Any:
        """One tensor or None per input, from the gradients of the outputs (None where nothing flows)."""
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")

    def told(self, shapes: Sequence[Shape], index: int) -> np.ndarray | None:
        """The value of output `index` if the inputs' shapes alone tell it, else None; for ops that read shapes."""
        return None

    def partial(self, op: Any, index: int, look: Any) -> Shape:
        """Output `index`, an integer vector or scalar, as a shape of which parts are known; None when nothing is.

        look: asks the same of inputs, `look.shape(tensor)`, `look.scalar(tensor)` and `look.value(tensor)`.
        """
        return None

    def flops(self, inputs: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]]) -> int | None:
        """Floating-point operations, from static shapes: a fused multiply and add are two, moving data is none. None: not counted."""
        return self.flops_per_element * prod(outputs[0]) if self.flops_per_element else None

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={_short(v)}" for k, v in self.attributes().items())
        return f"{type(self).__name__}({inner})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self).__name__, self.attributes())

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name}: ops are immutable; make another with .of(...)")


def _restore(name: str, attrs: dict[str, Any]) -> Op:
    return REGISTRY[name].of(**attrs)


def _text(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    return annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)


def _typed(value: Any) -> Any:
    """1, 1.0 and True are different attribute values."""
    hash(value)
    return (value.__class__, value) if isinstance(value, (bool, int, float)) else value


def _short(value: Any) -> str:
    if isinstance(value, DType):
        return value.name
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."


def output_dtypes(op: Op) -> list[DType]:
    """The dtype of each output, by the signature and the op's attributes (reference outputs as reference dtypes)."""
    found: list[DType] = []
    for arg in op.signature().outputs:
        kind = arg.fixed or getattr(op, arg.type)
        if arg.kind == "mixed":
            found.extend(kind)
            continue
        if arg.is_ref:
            kind = kind.ref_dtype
        found.extend([kind] * (getattr(op, arg.number) if arg.kind == "list" else 1))
    return found


def static_positions(cls: type[Op], count: int) -> tuple[int, ...]:
    """Positions of the static inputs among the `count` inputs of an operation."""
    if cls._signature is None:
        cls.signature()
    found = cls._static_positions
    return found if not found or found[-1] >= 0 else tuple([p % count for p in found])


def remember(memo: dict[Any, Any], key: Any, value: Any) -> Any:
    """`value`, kept in a memo; one that is full begins anew, so that a program that goes on for days does not grow."""
    if len(memo) >= _REMEMBERED:
        memo.clear()
    memo[key] = value
    return value


def require(condition: object, message: str) -> None:
    """ValueError with the message unless the condition holds; used by `infer`."""
    if not condition:
        raise ValueError(message)


def require_rank(spec: Any, rank: int) -> None:
    """ValueError unless the input may have this rank."""
    require(spec.shape is None or len(spec.shape) == rank, f"Shape must be rank {rank} but is rank {len(spec.shape or ())}")


def load(name: str) -> type[Op]:
    """The class of an op type, importing the module that defines it; KeyError when there is none."""
    known = REGISTRY.get(name)
    if known is None:
        importlib.import_module(OPS[name])
        known = REGISTRY[name]
    return known


def allowed_text(types: Sequence[DType] | frozenset[DType]) -> str:
    return ", ".join(sorted(t.name for t in types))
