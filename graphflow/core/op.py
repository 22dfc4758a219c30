"""What an operation type knows: its signature, attributes, shape inference, kernel and gradient.

A class per op type; its name is the type in a GraphDef, its annotated fields are the attributes. Instances are immutable and
interned by (class, attributes), so equal ops are one object and the results of `infer` can be remembered on them.

How a signature is written says `core.signature`.
"""
from __future__ import annotations

import importlib
import sys
import weakref
from collections import namedtuple
from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

import numpy as np

from .._public.api import OPS
from ..kernels.contract import Namespace
from .attributes import declared
from .dtypes import DType
from .effects import Access, by_signature
from .shapes import Shape, describe
from .signature import Signature, parse_side
from .spec import Spec

REGISTRY: dict[str, type[Op]] = {}
_interned: weakref.WeakValueDictionary[tuple[Any, ...], Op] = weakref.WeakValueDictionary()    # what graphs hold lives
_NATURAL = {"bool": bool, "int": int, "float": float}
_REMEMBERED = 4096       # entries of a memo, which begins anew when it has more


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


class OneWord:
    """Default of a string attribute that is one of a few words, and maybe has one of them as its own default."""
    __slots__ = ("default", "words")

    def __init__(self, words: tuple[str, ...], default: str | None):
        self.words, self.default = words, default


def one_word(*words: str, default: str | None = None) -> Any:
    """The words that a string attribute may be. Typed Any, as `one_of` is."""
    return OneWord(words, default)


class Op:
    """Base of all op types. See the module's docstring and CONTRIBUTING.md.

    An annotation that says Any is none of an attribute: a base class has it for type checkers, of attributes that subclasses declare.
    """
    fields: ClassVar[tuple[str, ...]] = ()
    annotations: ClassVar[dict[str, str]] = {}    # attribute -> text of its annotation
    defaults: ClassVar[dict[str, Any]] = {}
    allowed: ClassVar[dict[str, frozenset[DType]]] = {}
    words: ClassVar[dict[str, tuple[str, ...]]] = {}
    sig: ClassVar[str | None] = None
    static: ClassVar[tuple[str, ...] | dict[str, int | None]] = ()   # inputs whose values infer (and the kernel, while tracing) needs;
                                                  # a dict says of which rank they must be (None: infer checks)
    stateful: ClassVar[bool] = False              # as in the op table: never merged, folded or dropped
    steers: ClassVar[str] = ""                    # how TF1's control flow nodes pass values on: see ops.control_flow.steering_ops
    may_wait: ClassVar[bool] = False              # may wait for other threads: runs outside of the session's lock (see plan.segments)
    host: ClassVar[bool] = False                  # the kernel needs real arrays: never traced
    draws: ClassVar[bool] = False                 # a stateful op that only takes `blocks(inputs)` of its random stream: traced
    folds: ClassVar[bool] = True                  # False: never computed while building, as it is the user's code
    elementwise: ClassVar[bool] = False
    forwards: ClassVar[bool] = False              # the output is the input's own memory: a window on it where that is a reference
    mutates: ClassVar[bool] = False               # the kernel may overwrite its written arguments, which are then its own
    holds: ClassVar[str | None] = None            # "branches", "loop" or "call": it has bodies (`bodies_of`) in place of a kernel
    differentiable: ClassVar[bool] = True         # False: nothing flows through it, without an error
    must_be_fed: ClassVar[bool] = False           # has no value of its own: a run that needs it feeds it
    reads: ClassVar[bool] = False                 # the output is the value of the input, which may be a variable
    before_values: ClassVar[bool] = False         # may take variables that have no value yet (see variables.initialized)
    legacy_scalars: ClassVar[bool] = False        # a run takes static inputs of another rank: a vector of one for a scalar, and back
    infers_present: ClassVar[bool] = False        # in a run, `infer` gets the shape that a variable has by then
    least: ClassVar[dict[str, int]] = {}          # the least values of integer attributes, and lengths of lists
    python_names: ClassVar[dict[str, str]] = {}   # arguments that Python's functions call otherwise than the op table
    plain: ClassVar[bool] = False                 # `constant_value` looks through it: TensorFlow's choice, which Python code branches on
    flops_per_element: ClassVar[int] = 0          # of the output; what `flops` counts unless a class says otherwise
    fetched: ClassVar[Any] = None                 # (session, value of an output) -> what a fetch of it gives in place of that
    contents: ClassVar[Any] = None                # ops on lists: (values of a plan) -> what is known of each output, see core.contents
    quick: ClassVar[Any] = None                   # ops on lists: `kernel` without `xp`, of right arguments, whose results are right too
    keeps: ClassVar[tuple[int, ...]] = ()         # inputs whose very arrays the result holds on to where `quick` runs
    chooses: ClassVar[bool] = False               # takes handles of several resources: which one its output is, only a run tells
    on_list: ClassVar[str] = ""                   # "push", "pop", "get", "set": what `quick` does to the list, its first input
    lends: ClassVar[bool] = False                 # `quick` gives arrays that the arguments hold
    lowered: ClassVar[Any] = None                 # ops that hold functions: (lowering, operation) -> values of the outputs
    _signature: ClassVar[Signature | None] = None
    _static_positions: ClassVar[tuple[int, ...]] = ()
    _static_ranks: ClassVar[tuple[tuple[int, int, str], ...]] = ()
    _calls: ClassVar[dict[Any, Any]] = {}         # what `make` found for (input specs, attributes)
    _eager: ClassVar[dict[Any, Any]] = {}         # and what eager execution did for these,
    _ready: ClassVar[dict[Any, Any]] = {}         # and for arguments of other kinds (see eager.calls)
    _by_specs: ClassVar[bool] = False             # inputs are single tensors, of which nothing but dtypes and shapes is looked into
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
            cls.annotations = {**cls.annotations, **{k: _text(v) for k, v in own.items()}}
            cls.defaults, cls.allowed = dict(cls.defaults), dict(cls.allowed)
            for name in own:
                if name in cls.__dict__:
                    default = cls.__dict__[name]
                    if isinstance(default, (OneOf, OneWord)):
                        if isinstance(default, OneOf):
                            cls.allowed[name] = default.allowed
                        else:
                            cls.words = {**cls.words, name: default.words}
                        delattr(cls, name)
                        if default.default is not None:
                            cls.defaults[name] = default.default
                    else:
                        cls.defaults[name] = default
                else:                                   # declared anew without a default: it has none, whatever its base says
                    cls.defaults.pop(name, None)
        for name, value in options.items():
            setattr(cls, name, value)
        cls._calls, cls._eager, cls._ready, cls._by_specs = {}, {}, {}, False
        if sig is not None:
            cls.sig, cls._signature = sig, None
            REGISTRY[cls.__name__] = cls

    @classmethod
    def signature(cls) -> Signature:
        """The parsed signature; parsed on first use."""
        parsed = cls._signature
        if parsed is None:
            left, _, right = (cls.sig or "->").partition("->")
            inputs = parse_side(left, cls.fields, cls.__name__)
            outputs = parse_side(right, cls.fields, cls.__name__)
            parsed = cls._signature = Signature(
                inputs, outputs, all(a.arity == "one" for a in inputs),
                tuple(i for i, a in enumerate(inputs) if a.is_ref), tuple(i for i, a in enumerate(inputs) if a.is_handle))
            names = [a.name for a in inputs]
            # after a list input a position is counted from the end
            cls._static_positions = tuple(at - len(names) if any(a.arity != "one" for a in inputs[:at]) else at
                                          for at in map(names.index, cls.static))
            ranks = cls.static.values() if isinstance(cls.static, dict) else ()
            cls._static_ranks = tuple([(at, rank, name) for at, rank, name in zip(cls._static_positions, ranks, cls.static)
                                       if rank is not None])
            cls._by_specs = parsed.plain and not cls.static and not parsed.handle_inputs
        return parsed

    @classmethod
    def results(cls) -> Any:
        """The named tuple of the outputs; None where one of them is a list, or there are fewer than two."""
        found = cls.__dict__.get("_results", "")
        if found == "":
            outputs = cls.signature().outputs
            plain = len(outputs) > 1 and all(a.arity == "one" for a in outputs)
            found = cls._results = namedtuple(cls.__name__, [a.name for a in outputs]) if plain else None
        return found

    @classmethod
    def of(cls, **attrs: Any) -> Op:
        """The one op of this type with these attributes (others take their defaults)."""
        try:
            return _interned[(cls, *attrs.items())]
        except (KeyError, TypeError):
            pass
        given = attrs
        attrs = {k: declared(cls, k, v) for k, v in attrs.items()}
        values = {**cls.defaults, **attrs}
        for name, annotation in cls.annotations.items():
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
        if key is not None and all(_NATURAL.get(cls.annotations[k], v.__class__) is v.__class__ is not list for k, v in given.items()):
            _interned[(cls, *attrs.items())] = known  # the short way next time
        return known

    def attributes(self) -> dict[str, Any]:
        """Attribute names and values, in the order of the class."""
        return {name: self.__dict__[name] for name in self.fields}

    def resource_key(self, operation: Any) -> str | None:
        """For ops that stand for a resource (a variable, queue, table, ...): its key in the session's store; None for all others."""
        return None

    def variable(self) -> Spec | None:
        """For ops that stand for a variable, by reference or by handle: the variable's dtype and shape; None for all others."""
        return None

    @classmethod
    def frozen(cls, node: Any, dtype: int) -> Sequence[Any] | None:
        """What does the work of `node`, a NodeDef, when its handle has become a constant: NodeDefs, the last under the same name.

        node: a copy, to be changed or not. dtype: the constant's, by number. None: there is no such thing.
        """
        return None

    def bodies_of(self, op: Any) -> list[Any]:
        """The graphs that an operation runs which `holds` some."""
        return []

    def accesses(self, operation: Any) -> Sequence[Access]:
        """What the operation does to the resources behind its inputs (see core.effects)."""
        return by_signature(operation)

    def infer(self, *inputs: Any) -> Any:
        """Output specs from input specs; ValueError when they do not fit. Default: everything unknown."""
        return tuple(Spec(dtypes_of, None) for dtypes_of in output_dtypes(self))

    def check(self, *inputs: Any) -> None:
        """ValueError for what TensorFlow leaves to its kernels to refuse; gets the specs of a run, with the values of static inputs."""

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
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

    def compact(self, *inputs: Any) -> bool:
        """Whether the result for these values takes no memory of its own, a window on one of them or one number repeated.

        Then constant work is done while planning however large the result is.
        """
        return False

    def assembled(self, values: Sequence[Any], index: int) -> Any:
        """Output `index` for `tf.get_static_value(..., partial=True)` from what it gives for the inputs, None among it; None: unknown."""
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
        dtype = arg.fixed or getattr(op, arg.type)
        if arg.arity == "mixed":
            found.extend(dtype)
            continue
        if arg.is_ref:
            dtype = dtype.ref_dtype
        found.extend([dtype] * (getattr(op, arg.number) if arg.arity == "list" else 1))
    return found


def static_positions(cls: type[Op], count: int) -> tuple[int, ...]:
    """Positions of the static inputs among the `count` inputs of an operation."""
    if cls._signature is None:
        cls.signature()
    found = cls._static_positions
    return found if not found or found[-1] >= 0 else tuple([p % count for p in found])


def check_ranks(cls: type[Op], specs: Sequence[Any]) -> None:
    """ValueError for a static input of another rank than its op type says."""
    for at, rank, name in cls._static_ranks:
        shape = specs[at].shape
        if shape is not None and len(shape) != rank:
            raise ValueError(f"Shape must be rank {rank} but is rank {len(shape)}: '{name}' has shape {describe(shape)}")


def check_words(op_def: Op) -> None:
    """ValueError for a string attribute that is none of its words."""
    for name, words in op_def.words.items():
        value = getattr(op_def, name)
        if value not in words:
            raise ValueError(f"Attr '{name}' of '{type(op_def).__name__}' Op passed string '{value}' not in: "
                             + ", ".join(f'"{word}"' for word in words) + ".")


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
