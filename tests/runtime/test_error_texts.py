"""What a user reads in the classic traps: the goldens of tests/golden/errors.txt.

After a change that is meant: `python -m tests.golden.error_programs > tests/golden/errors.txt`, and read the difference.
"""
from pathlib import Path

import pytest

import graphflow as tf
from tests.golden.error_programs import TRAPS, message

TEXT = (Path(__file__).parent.parent / "golden" / "errors.txt").read_text(encoding="utf-8")
GOLDEN = dict(part.split("\n", 1) for part in TEXT.strip().removeprefix("== ").split("\n\n== "))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t.__name__)
def test_message_is_the_golden_one(trap):
    assert message(trap).strip() == GOLDEN[trap.__name__].strip()


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t.__name__)
def test_messages_are_short(trap):
    assert 1 <= message(trap).count("\n") + 1 <= 12


def test_a_growing_graph_is_named_once():
    tf.reset_default_graph()
    w = tf.Variable(0.0)
    session = tf.Session()
    session.run(w.initializer)
    with pytest.warns(RuntimeWarning, match=r"The graph grew in each of the last 10 runs(.|\n)*test_error_texts.py:\d+: session.run"):
        for _ in range(30):
            session.run(w.assign_add(1.0))
