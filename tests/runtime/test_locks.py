"""The lock of a session's variables: readers together, writers alone, nobody passed by a latecomer. Counted, not timed."""
import threading
import time

import pytest

from graphflow.runtime.locks import FairLock


def started(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def until(condition):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("still not true after 10 s")


def waiting(lock):
    return len(lock._queue)


def test_readers_are_inside_together():
    lock, inside = FairLock(), threading.Barrier(3)

    def read():
        lock.acquire(False)
        inside.wait(10)
        lock.release()
    threads = [started(read) for _ in range(3)]
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads) and not inside.broken


def test_waiting_threads_come_in_in_the_order_of_their_coming_and_readers_do_not_pass_a_writer():
    lock, order = FairLock(), []
    lock.acquire(False)
    threads = []
    for name, write in (("writer 1", True), ("reader 1", False), ("writer 2", True), ("reader 2", False)):
        def body(name=name, write=write):
            lock.acquire(write)
            order.append(name)
            lock.release()
        threads.append(started(body))
        until(lambda: waiting(lock) == len(threads))
    lock.release()
    for thread in threads:
        thread.join(10)
    assert order == ["writer 1", "reader 1", "writer 2", "reader 2"]


@pytest.mark.parametrize("write", [False, True], ids=["reader", "writer"])
def test_a_busy_thread_does_not_pass_a_waiting_one(write):
    """What training in a loop does beside an evaluation: it lets go of the lock and asks for it again at once."""
    lock, order = FairLock(), []
    lock.acquire(True)
    for turn in range(50):
        def wait(turn=turn):
            lock.acquire(write)
            order.append(("other", turn))
            lock.release()
        thread = started(wait)
        until(lambda: waiting(lock) == 1)
        lock.release()
        lock.acquire(True)
        order.append(("busy", turn))
        thread.join(10)
    assert order == [(who, turn) for turn in range(50) for who in ("other", "busy")]


def test_a_thread_that_holds_the_lock_may_enter_again_and_write_after_reading():
    lock = FairLock()
    lock.acquire(False)
    lock.acquire(True)
    other = started(lambda: (lock.acquire(False), lock.release()))
    until(lambda: waiting(lock) == 1)
    lock.release()
    assert other.is_alive()
    lock.release()
    other.join(10)
    assert not other.is_alive() and not lock._holders


def test_a_reader_that_wants_to_write_waits_for_the_other_readers():
    lock, order = FairLock(), []
    lock.acquire(False)

    def upgrade():
        lock.acquire(False)
        lock.acquire(True)
        order.append("written")
        lock.release()
        lock.release()
    thread = started(upgrade)
    until(lambda: waiting(lock) == 1)
    order.append("still reading")
    lock.release()
    thread.join(10)
    assert order == ["still reading", "written"]


def test_two_readers_that_both_want_to_write_are_told_so():
    lock = FairLock()
    lock.acquire(False)
    thread = started(lambda: (lock.acquire(False), lock.acquire(True), lock.release(), lock.release()))
    until(lambda: waiting(lock) == 1)
    with pytest.raises(RuntimeError, match="both want to write"):
        lock.acquire(True)
    lock.release()
    thread.join(10)
    assert not thread.is_alive()
