"""Readers under damaged input: each case has its own random numbers, so that a number is enough to play it again.

A case is `read(random numbers, folder)`: it damages something, reads it, and may raise clean errors only. Nothing may crash, hang, or
take memory as a damaged length claims.
"""

import faulthandler
import random
import time

from graphflow.core import errors
from graphflow.formats.errors import FormatError

CLEAN = (FormatError, ValueError, NotImplementedError, errors.OpError)
_HANGS = 60  # seconds after which a case counts as hung
_LIES = (b"\xff" * 9 + b"\x01", b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\xff\x0f", b"\x00", b"\x7f", b"{", b'"')


def mutated(data, rand):
    """A copy with a few bytes changed, cut, doubled or replaced by numbers that lengths should not be."""
    out = bytearray(data)
    for _ in range(rand.randint(1, 4)):
        if not out:
            break
        at = rand.randrange(len(out))
        what = rand.randrange(7)
        if what == 0:
            out[at] ^= 1 << rand.randrange(8)
        elif what == 1:
            out[at] = rand.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif what == 2:
            del out[at : at + rand.randint(1, 8)]
        elif what == 3:
            out[at:at] = out[at : at + rand.randint(1, 16)]
        elif what == 4:
            out[at:at] = rand.choice(_LIES)
        elif what == 5:
            to = rand.randrange(len(out))
            out[to:to] = out[at : at + rand.randint(1, 64)]
        elif rand.random() < 0.2:
            del out[at:]
    return bytes(out)


def fuzz(name, read, folder, seed, seconds, least, also_clean=()):
    """Play cases for so many seconds, and `least` of them at any rate; the number of cases."""
    end, count, read_well, slowest = time.monotonic() + seconds, 0, 0, 0.0
    while count < least or time.monotonic() < end:
        case, started = f"{seed}/{count}", time.monotonic()
        faulthandler.dump_traceback_later(_HANGS, exit=True)
        try:
            read(random.Random(case), folder)
            read_well += 1
        except CLEAN as error:
            assert str(error), f"case {case!r} of {name}: an error without words: {error!r}"
        except BaseException as error:
            if not isinstance(error, also_clean) or isinstance(error, (RecursionError, MemoryError)):
                print(f"case {case!r} of {name} did it")
                raise
        finally:
            faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, time.monotonic() - started)
        count += 1
    print(f"{name}: {count} damaged inputs in {seconds:.0f} s, {read_well} of them read without an error, the slowest took {slowest:.2f} s")
    return count
