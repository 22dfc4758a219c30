"""Numbers that no two callers get, as tensorflow.python.framework.ops gave them."""
import itertools

_next = itertools.count(1)


def uid() -> int:
    """A number that was not given before in this process."""
    return next(_next)
