"""Signals at safe points: what must not be cut in two is finished before a handler that may raise runs.

Python calls the handler of a signal (Ctrl-C, an alarm) in the main thread, between any two steps of whatever runs there. A
KeyboardInterrupt in the wrong place would leave a variable half written, a lock held or a name scope entered. So a handler is wrapped: the
wrapper looks at what was interrupted, from the innermost function outwards, and if that is in the middle of something `whole`, it has
the signal come again a millisecond later. Runs pay nothing for this but a look whether the program has set another handler.

    whole           is finished first
    open_to_signals may be left at any place (a wait), although something whole called it
    a plan's step   may be left until its first write to a variable; from there on it is whole

A program's own handlers stay: they are called as before, only not in the middle of such work.
"""
from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal.getsignal without the search for an enum member: 0.04 us in place of 0.5
import _thread
import contextlib
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

PLAN = "<plan>"                    # file name of the code that engines generate; its globals say FIRST_WRITE, a line
FIRST_WRITE = "first_write"
_PAUSE = 0.001                     # seconds until a signal that had to wait comes again
_NAMES = ("SIGINT", "SIGALRM", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGHUP")
_WATCHED = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_INT = int(signal.SIGINT)
_ALARM = int(getattr(signal, "SIGALRM", signal.SIGTERM))

_whole: set[CodeType] = set()
_open: set[CodeType] = set()
_managers = frozenset((contextlib._GeneratorContextManager.__enter__.__code__, contextlib._GeneratorContextManager.__exit__.__code__))
_swallowing = frozenset((weakref.__file__, weakref.WeakSet.__init__.__code__.co_filename))     # callbacks: what they raise is lost
postponed: set[int] = set()        # signals that have to come again; who finds some at a safe place calls `deliver`


def whole(function: Function) -> Function:
    """Decorator: a signal waits until this function, or the entering or leaving of this generator as a context manager, is done."""
    _whole.add(function.__code__)
    return function


def open_to_signals(function: Function) -> Function:
    """Decorator: a signal may end this function although it is called by something whole."""
    _open.add(function.__code__)
    return function


class Held:
    """A handler that waits for safe points, around the one that the program (or Python) has set."""
    __slots__ = ("handler",)

    def __init__(self, handler: Callable[[int, FrameType | None], Any]):
        self.handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        if must_wait(frame) and _come_again(number):
            return None
        return self.handler(number, frame)


_QUIET = frozenset((Held, int, type(None), signal.Handlers))       # handlers that need no wrapping: ours, none, default, ignored


def watch(get: Callable[[int], Any] = _signal.getsignal) -> None:
    """Wraps the handlers that the program has set since the last call; before each run it is Ctrl-C and alarms that are looked at."""
    if get(_INT).__class__ is not Held or get(_ALARM).__class__ not in _QUIET:
        watch_all()


def watch_all() -> None:
    """Wraps every handler that the program has set since the last call."""
    if threading.current_thread() is not threading.main_thread():
        return                                  # only the main thread runs handlers, and may set them
    for number in _WATCHED:
        handler = _signal.getsignal(number)
        if handler.__class__ not in _QUIET and callable(handler):
            signal.signal(number, Held(handler))


def must_wait(frame: FrameType | None) -> bool:
    """Whether the code that runs in `frame`, or was called from there outwards, has to be finished first."""
    while frame is not None:
        code = frame.f_code
        if code in _whole or code.co_name == "__del__" or code.co_filename in _swallowing:
            return True
        if code in _open:
            return False
        if code.co_filename == PLAN and FIRST_WRITE in frame.f_globals and code.co_name == "step":
            return bool(frame.f_lineno >= frame.f_globals[FIRST_WRITE])
        if code in _managers:
            generator = getattr(frame.f_locals.get("self"), "gen", None)
            if getattr(generator, "gi_code", None) in _whole:
                return True
        frame = frame.f_back
    return False


def _come_again(number: int) -> bool:
    """Has the signal sent to the main thread once more; False where that cannot be arranged."""
    if number in postponed:
        return True
    try:
        postponed.add(number)
        _thread.start_new_thread(_send, (number,))       # threading.Thread takes locks, which a handler must not
    except RuntimeError:
        postponed.discard(number)
        return False
    return True


def deliver() -> None:
    """Has postponed signals come now, at the end of the caller, which is whole; not if that was called by something whole.

    Where one whole thing follows another, the millisecond might always end inside of one.
    """
    if must_wait(sys._getframe(2)):
        return
    for number in tuple(postponed):
        if _taken(number):
            _let_come(number)


@open_to_signals
def _let_come(number: int) -> None:
    signal.raise_signal(number)


def _taken(number: int) -> bool:
    """Whether the caller is the one to send a postponed signal."""
    try:
        postponed.remove(number)
    except KeyError:
        return False
    return True


def _send(number: int) -> None:
    time.sleep(_PAUSE)
    if not _taken(number):
        return
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)                # a real signal: it ends waits
    else:
        _thread.interrupt_main(signal.Signals(number))
