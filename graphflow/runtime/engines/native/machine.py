"""From LLVM's language to addresses of machine code, which lives as long as somebody holds the `Code`.

A function is known by its text: plans that have a loop of the same structure share its code, while one of them is there. A TargetMachine
belongs to the execution engine that was made with it and is never used twice.
"""
from __future__ import annotations

import functools
import platform
import weakref
from collections.abc import Iterable
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from ....kernels.interrupts import whole
from ...locks import COMPILER, LIBRARYS
from . import cache

_known: weakref.WeakValueDictionary[str, Function] = weakref.WeakValueDictionary()
_ready = False
if hasattr(llvm.ffi.lib, "_lock"):
    LIBRARYS.append(llvm.ffi.lib._lock)


class Function:
    """The address of a compiled function; `engine` holds its code."""
    __slots__ = ("__weakref__", "address", "engine")

    def __init__(self, address: int, engine: Any):
        self.address, self.engine = address, engine


def _machine() -> Any:
    global _ready
    if not _ready:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        _ready = True
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2)


def _version() -> str:
    parts = [llvmlite.__version__, *map(str, llvm.llvm_version_info), llvm.get_default_triple(), llvm.get_host_cpu_name()]
    return " ".join([*parts, llvm.get_host_cpu_features().flatten()])


@functools.lru_cache
def registers(itemsize: int) -> tuple[int, int]:
    """(how many vectors this processor keeps in registers, how many numbers of so many bytes one of them has)."""
    has = llvm.get_host_cpu_features()
    if has.get("avx512f"):
        return 32, 64 // itemsize
    if platform.machine() in ("aarch64", "arm64"):
        return 32, 16 // itemsize
    return 16, (32 if has.get("avx2") else 16) // itemsize


@whole
def build(source: str, names: Iterable[str]) -> dict[str, Function]:
    """The functions of a module. An interrupt waits: llvmlite would free twice what it was just handing over."""
    with COMPILER:
        key = f"{_version()}\n{source}"
        binary = cache.find(key)
        if binary is None:
            module = llvm.parse_assembly(source)
            module.verify()
            binary = _machine().emit_object(module)
            cache.keep(key, binary)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
        engine.add_object_file(llvm.ObjectFileRef.from_data(binary))
        engine.finalize_object()
        return {name: Function(engine.get_function_address(name), engine) for name in names}


@whole
def functions(texts: dict[str, list[str]]) -> dict[str, Function]:
    """The code of functions `@FN`, given as {text: declarations}; those that are not known yet are compiled together."""
    with COMPILER:
        found = {text: _known.get(text) for text in texts}
        new = [text for text, function in found.items() if function is None]
        if new:
            declared = dict.fromkeys(line for text in new for line in texts[text])
            parts = [*declared, *(text.replace("@FN(", f"@f{i}(", 1) for i, text in enumerate(new))]
            made = build("\n".join(parts), [f"f{i}" for i in range(len(new))])
            for i, text in enumerate(new):
                found[text] = _known[text] = made[f"f{i}"]
        return {text: function for text, function in found.items() if function is not None}
