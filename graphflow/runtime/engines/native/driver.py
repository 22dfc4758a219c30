"""The small native program that walks a table of steps, and the threads that help it.

A step is six numbers: the address of a function, of its parameters, lo, hi, the address of the pool of threads that help with its range (0:
done here), and in how many parts. A whole run of steps is one call, which gives up Python's lock. It flushes denormals, here and in the
threads, and restores the processor's mode.

    pool      busy, workers, address of sem_post, address of sem_wait, word, -, parts that are done, function, parameters, cells, lo, hi,
              semaphore to start (4 words), semaphore when somebody is done (4 words)
    word      turn << 32 | parts << 16 | next part

Who has time takes the next part by counting the word up, the thread of the run itself too: on a busy machine it does most of them, and
never waits for a thread that has not begun. What a thread read of the pool before it took a part belongs to it, as the word has the
turn in it. Only one run at a time has the pool; another does its steps alone. How a range is split depends on its length only.
"""
from __future__ import annotations

import ctypes
import functools
import os
import platform
import sys
import threading
from typing import Any

import numpy as np

from ....kernels import parallel
from ....kernels.interrupts import whole
from . import blas, machine

STEP = 6           # words of a step
MOST_BOUND = 12    # arrays that one call can be given
WORDS = 20         # of the pool


def _flushing() -> tuple[str, str, str]:
    """(declarations, lines that set the mode and keep the old one in %mode, lines that restore it)."""
    if platform.machine() in ("x86_64", "AMD64"):
        return ("declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)",
                """  %mode = alloca i32
  %new = alloca i32
  call void @llvm.x86.sse.stmxcsr(ptr %mode)
  %old = load i32, ptr %mode
  %set = or i32 %old, 32832
  store i32 %set, ptr %new
  call void @llvm.x86.sse.ldmxcsr(ptr %new)""", "  call void @llvm.x86.sse.ldmxcsr(ptr %mode)")
    if platform.machine() in ("aarch64", "arm64"):
        return ("declare i64 @llvm.aarch64.get.fpcr()\ndeclare void @llvm.aarch64.set.fpcr(i64)",
                """  %mode = call i64 @llvm.aarch64.get.fpcr()
  %set = or i64 %mode, 16777216
  call void @llvm.aarch64.set.fpcr(i64 %set)""", "  call void @llvm.aarch64.set.fpcr(i64 %mode)")
    return "", "", ""


def _run(count: int) -> str:
    """run{count}(steps, number of steps, cells, first cell to bind, arrays...) -> 1 where an array is not laid out row by row."""
    head = object.__basicsize__       # of a PyObject; then data, dimensions, sizes, strides, base, dtype, flags
    arrays = "".join(f", ptr %a{i}" for i in range(count))
    lines = [f"define i32 @run{count}(ptr %steps, i64 %n, ptr %cells, i64 %first{arrays}) {{", "entry:"]
    for i in range(count):
        lines.append(f"""  %flags{i} = getelementptr i8, ptr %a{i}, i64 {head + 48}
  %f{i} = load i32, ptr %flags{i}
  %g{i} = and i32 %f{i}, 257
  %ok{i} = icmp eq i32 %g{i}, 257
  br i1 %ok{i}, label %bind{i}, label %bad
bind{i}:
  %data{i} = getelementptr i8, ptr %a{i}, i64 {head}
  %d{i} = load i64, ptr %data{i}
  %k{i} = add i64 %first, {i}
  %c{i} = getelementptr i64, ptr %cells, i64 %k{i}
  store i64 %d{i}, ptr %c{i}""")
    lines.append("""  call void @walk(ptr %steps, i64 %n, ptr %cells)
  ret i32 0""")
    if count:
        lines.append("bad:\n  ret i32 1")
    return "\n".join([*lines, "}"])


_WALK = """
define void @walk(ptr %steps, i64 %n, ptr %cells) {
entry:
{set}
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %end ]
  %at = mul i64 %i, 6
  %p0 = getelementptr i64, ptr %steps, i64 %at
  %f = load ptr, ptr %p0
  %p1 = getelementptr i64, ptr %p0, i64 1
  %parameters = load ptr, ptr %p1
  %p2 = getelementptr i64, ptr %p0, i64 2
  %lo = load i64, ptr %p2
  %p3 = getelementptr i64, ptr %p0, i64 3
  %hi = load i64, ptr %p3
  %p4 = getelementptr i64, ptr %p0, i64 4
  %pool = load ptr, ptr %p4
  %alone = icmp eq ptr %pool, null
  br i1 %alone, label %serial, label %split
serial:
  call void %f(ptr %parameters, ptr %cells, i64 %lo, i64 %hi)
  br label %end
split:
  %p5 = getelementptr i64, ptr %p0, i64 5
  %parts = load i64, ptr %p5
  call void @split(ptr %f, ptr %parameters, ptr %cells, i64 %lo, i64 %hi, ptr %pool, i64 %parts)
  br label %end
end:
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %done
done:
{restore}
  ret void
}

define void @split(ptr %f, ptr %parameters, ptr %cells, i64 %lo, i64 %hi, ptr %pool, i64 %parts) {
entry:
  %taken = cmpxchg ptr %pool, i64 0, i64 1 acquire monotonic
  %mine = extractvalue { i64, i1 } %taken, 1
  br i1 %mine, label %begin, label %serial
serial:
  call void %f(ptr %parameters, ptr %cells, i64 %lo, i64 %hi)
  ret void
begin:
  %q1 = getelementptr i64, ptr %pool, i64 1
  %workers = load i64, ptr %q1
  %q2 = getelementptr i64, ptr %pool, i64 2
  %post = load ptr, ptr %q2
  %q3 = getelementptr i64, ptr %pool, i64 3
  %wait = load ptr, ptr %q3
  %word = getelementptr i64, ptr %pool, i64 4
  %finished = getelementptr i64, ptr %pool, i64 6
  store atomic i64 0, ptr %finished monotonic, align 8
  %q7 = getelementptr i64, ptr %pool, i64 7
  store ptr %f, ptr %q7
  %q8 = getelementptr i64, ptr %pool, i64 8
  store ptr %parameters, ptr %q8
  %q9 = getelementptr i64, ptr %pool, i64 9
  store ptr %cells, ptr %q9
  %q10 = getelementptr i64, ptr %pool, i64 10
  store i64 %lo, ptr %q10
  %q11 = getelementptr i64, ptr %pool, i64 11
  store i64 %hi, ptr %q11
  %start = getelementptr i64, ptr %pool, i64 12
  %done = getelementptr i64, ptr %pool, i64 16
  %before = load atomic i64, ptr %word monotonic, align 8
  %turn0 = lshr i64 %before, 32
  %turn1 = add i64 %turn0, 1
  %turn = shl i64 %turn1, 32
  %many = shl i64 %parts, 16
  %open = or i64 %turn, %many
  store atomic i64 %open, ptr %word release, align 8
  %none = icmp eq i64 %workers, 0
  br i1 %none, label %work, label %wake
wake:
  %k = phi i64 [ 0, %begin ], [ %k1, %wake ]
  %r = call i32 %post(ptr %start)
  %k1 = add i64 %k, 1
  %some = icmp ult i64 %k1, %workers
  br i1 %some, label %wake, label %work
work:
  %n = call i64 @claim(ptr %pool)
  br label %look
look:
  %so_far = load atomic i64, ptr %finished acquire, align 8
  %all = icmp eq i64 %so_far, %parts
  br i1 %all, label %end, label %sleep
sleep:
  %e = call i32 %wait(ptr %done)
  br label %look
end:
  store atomic i64 0, ptr %pool release, align 8
  ret void
}

define i64 @claim(ptr %pool) {
entry:
  %word = getelementptr i64, ptr %pool, i64 4
  %finished = getelementptr i64, ptr %pool, i64 6
  %q7 = getelementptr i64, ptr %pool, i64 7
  %q8 = getelementptr i64, ptr %pool, i64 8
  %q9 = getelementptr i64, ptr %pool, i64 9
  %q10 = getelementptr i64, ptr %pool, i64 10
  %q11 = getelementptr i64, ptr %pool, i64 11
  br label %loop
loop:
  %n = phi i64 [ 0, %entry ], [ %n, %try ], [ %n1, %mine ]
  %w = load atomic i64, ptr %word acquire, align 8
  %next = and i64 %w, 65535
  %high = lshr i64 %w, 16
  %parts = and i64 %high, 65535
  %left = icmp ult i64 %next, %parts
  br i1 %left, label %try, label %out
try:
  %f = load ptr, ptr %q7
  %parameters = load ptr, ptr %q8
  %cells = load ptr, ptr %q9
  %lo = load i64, ptr %q10
  %hi = load i64, ptr %q11
  %w1 = add i64 %w, 1
  %taken = cmpxchg ptr %word, i64 %w, i64 %w1 acq_rel monotonic
  %ok = extractvalue { i64, i1 } %taken, 1
  br i1 %ok, label %mine, label %loop
mine:
  %length = sub i64 %hi, %lo
  %a0 = mul i64 %length, %next
  %a1 = udiv i64 %a0, %parts
  %a = add i64 %lo, %a1
  %following = add i64 %next, 1
  %b0 = mul i64 %length, %following
  %b1 = udiv i64 %b0, %parts
  %b = add i64 %lo, %b1
  call void %f(ptr %parameters, ptr %cells, i64 %a, i64 %b)
  %more = atomicrmw add ptr %finished, i64 1 acq_rel
  %n1 = add i64 %n, 1
  br label %loop
out:
  ret i64 %n
}

define void @work(ptr %pool, ptr %post, ptr %wait) {
entry:
{set}
  %start = getelementptr i64, ptr %pool, i64 12
  %done = getelementptr i64, ptr %pool, i64 16
  br label %loop
loop:
  %e = call i32 %wait(ptr %start)
  %n = call i64 @claim(ptr %pool)
  %some = icmp ne i64 %n, 0
  br i1 %some, label %say, label %loop
say:
  %r = call i32 %post(ptr %done)
  br label %loop
}
"""

# parameters: BLAS function, A, B, C (cell and offset each), whether A and B are transposed (CBLAS's numbers), rows, columns, depth,
# distances of rows, 1 where a range is one of columns, batch, distances in bytes of the batch (A, B, C), of a row of op(A), of a column of
# op(B)
_PRODUCT = """
define void @product_{letter}(ptr %parameters, ptr %cells, i64 %lo, i64 %hi) {
entry:
{loads}
  %ca = getelementptr i64, ptr %cells, i64 %v1
  %a0 = load ptr, ptr %ca
  %a = getelementptr i8, ptr %a0, i64 %v2
  %cb = getelementptr i64, ptr %cells, i64 %v3
  %b0 = load ptr, ptr %cb
  %b = getelementptr i8, ptr %b0, i64 %v4
  %cc = getelementptr i64, ptr %cells, i64 %v5
  %c0 = load ptr, ptr %cc
  %c = getelementptr i8, ptr %c0, i64 %v6
  %f = inttoptr i64 %v0 to ptr
  %ta = trunc i64 %v7 to i32
  %tb = trunc i64 %v8 to i32
  %batched = icmp ugt i64 %v16, 1
  %length = sub i64 %hi, %lo
  %byrow = icmp eq i64 %v15, 0
  %shares = select i1 %batched, i64 0, i64 %lo
  %lorow = select i1 %byrow, i64 %shares, i64 0
  %locolumn = select i1 %byrow, i64 0, i64 %shares
  %somerows = select i1 %byrow, i64 %length, i64 %v9
  %rows = select i1 %batched, i64 %v9, i64 %somerows
  %somecolumns = select i1 %byrow, i64 %v10, i64 %length
  %columns = select i1 %batched, i64 %v10, i64 %somecolumns
  %amove = mul i64 %lorow, %v20
  %bmove = mul i64 %locolumn, %v21
  %crow = mul i64 %lorow, %v14
  %cmove0 = add i64 %crow, %locolumn
  %cmove = mul i64 %cmove0, {size}
  %a1 = getelementptr i8, ptr %a, i64 %amove
  %b1 = getelementptr i8, ptr %b, i64 %bmove
  %c1 = getelementptr i8, ptr %c, i64 %cmove
  %first = select i1 %batched, i64 %lo, i64 0
  %last = select i1 %batched, i64 %hi, i64 1
{narrow}
  %empty = icmp eq i64 %length, 0
  br i1 %empty, label %done, label %loop
loop:
  %i = phi i64 [ %first, %entry ], [ %next, %loop ]
  %ai = mul i64 %i, %v17
  %bi = mul i64 %i, %v18
  %ci = mul i64 %i, %v19
  %pa = getelementptr i8, ptr %a1, i64 %ai
  %pb = getelementptr i8, ptr %b1, i64 %bi
  %pc = getelementptr i8, ptr %c1, i64 %ci
  call void %f(i32 101, i32 %ta, i32 %tb, {n} %nm, {n} %nn, {n} %nk, {product})
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %last
  br i1 %more, label %loop, label %done
done:
  ret void
}
"""
_NARROW = {"nm": "rows", "nn": "columns", "nk": "v11", "nlda": "v12", "nldb": "v13", "nldc": "v14"}


def _source() -> str:
    declarations, setting, restoring = _flushing()
    parts = [declarations, _WALK.replace("{set}", setting).replace("{restore}", restoring), *(_run(i) for i in range(MOST_BOUND + 1))]
    known = blas.found()
    if known is not None:
        loads = "\n".join(f"  %q{i} = getelementptr i64, ptr %parameters, i64 {i}\n  %v{i} = load i64, ptr %q{i}" for i in range(22))
        n = f"i{known.bits}"
        narrow = "\n".join(f"  %{new} = {'trunc' if known.bits == 32 else 'add'} i64 %{old}{' to i32' if known.bits == 32 else ', 0'}"
                           for new, old in _NARROW.items())
        for letter, t, size in (("s", "float", 4), ("d", "double", 8)):
            text = _PRODUCT
            rest = f"{t} 1.0, ptr %pa, {n} %nlda, ptr %pb, {n} %nldb, {t} 0.0, ptr %pc, {n} %nldc"
            for name, value in {"letter": letter, "loads": loads, "size": str(size), "narrow": narrow, "n": n, "product": rest}.items():
                text = text.replace("{" + name + "}", value)
            parts.append(text)
    return "\n".join(parts)


class Driver:
    """run[k]: the call that binds k arrays. products: addresses by dtype."""

    def __init__(self) -> None:
        names = [f"run{i}" for i in range(MOST_BOUND + 1)] + ["work"]
        if blas.found() is not None:
            names += ["product_s", "product_d"]
        self.code = machine.build(_source(), names)
        word = ctypes.c_int64
        self.run: list[Any] = [ctypes.CFUNCTYPE(ctypes.c_int, *[word] * (4 + i))(self.code[f"run{i}"].address)
                               for i in range(MOST_BOUND + 1)]
        self.products = {dtype: self.code[name].address for dtype, name in (("float32", "product_s"), ("float64", "product_d"))
                         if name in self.code}
        self.pool = Pool(self.code["work"].address)


class Pool:
    """Threads that take parts of steps. `address` is 0 where there are none."""

    def __init__(self, work: int):
        self.count = parallel.THREADS - 1
        self.words = np.zeros(WORDS, np.int64)
        self.work, self.process = work, 0
        functions = _semaphores() if self.count > 0 else None
        self.address = 0
        if functions is not None:
            initialize, post, wait = functions
            self.initialize, self.words[2], self.words[3] = initialize, post, wait
            self.address = int(self.words.ctypes.data)

    @whole
    def start(self) -> None:
        """Starts the threads of this process where they are not there yet."""
        if not self.address or self.process == os.getpid():
            return
        self.process = os.getpid()
        function = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(self.work)
        for semaphore in (12, 16):
            self.initialize(self.address + 8 * semaphore, 0, 0)
        for i in range(self.count):
            threading.Thread(target=function, args=(self.address, int(self.words[2]), int(self.words[3])), daemon=True,
                             name=f"graphflow-native-{i}").start()
        self.words[1] = self.count

    def forget(self) -> None:
        """In a child process, which has none of its parent's threads."""
        self.words[[0, 1, 4]] = 0


def _semaphores() -> tuple[Any, int, int] | None:
    """(sem_init, addresses of sem_post and sem_wait) where they fit into four words."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    initialize = library.sem_init
    initialize.argtypes = [ctypes.c_int64, ctypes.c_int, ctypes.c_uint]
    post, wait = (ctypes.cast(f, ctypes.c_void_p).value or 0 for f in (library.sem_post, library.sem_wait))
    return initialize, post, wait


@functools.lru_cache(maxsize=1)
@whole
def driver() -> Driver:
    made = Driver()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=made.pool.forget)
    return made
