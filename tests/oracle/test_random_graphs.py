"""Random programs against TensorFlow: every value that both give must agree. A seed that differs is shrunk and printed as Python.

GRAPHFLOW_RANDOM_GRAPHS says how many seeds (300; tools/check --full takes 20,000). One seed alone: `-k 0-99` chooses a hundred, and
`python -m tests.random_graphs SEED` prints its program.
"""

from __future__ import annotations

import os
import warnings

import pytest

import graphflow as tf
from tests.random_graphs.generate import program_of
from tests.random_graphs.server import TensorFlow
from tests.random_graphs.shrink import shrunk

pytestmark = pytest.mark.oracle
COUNT = int(os.environ.get("GRAPHFLOW_RANDOM_GRAPHS", "300"))
CHUNK = 20
SHOWN = 2


@pytest.fixture(scope="module")
def theirs(tensorflow_python):
    with TensorFlow(tensorflow_python) as process:
        yield process


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK), ids=lambda first: f"{first}-{first + CHUNK - 1}")
def test_random_programs_give_what_tensorflow_gives(theirs, first):
    warnings.simplefilter("ignore")    # what numpy says of the infinities that some programs make
    wrong: dict[int, str] = {}
    refused = 0
    for seed in range(first, min(first + CHUNK, COUNT)):
        text = program_of(seed).text()
        result = theirs.differs(tf, text)
        refused += theirs.refused
        if result:
            wrong[seed] = result
    assert refused <= CHUNK // 10, f"TensorFlow refuses {refused} of these programs: the generator makes wrong ones"
    if wrong:
        small = [shrunk(program_of(seed), lambda p: bool(theirs.differs(tf, p.text()))).text() for seed in list(wrong)[:SHOWN]]
        pytest.fail("\n\n".join([*(f"seed {seed}: {text}" for seed, text in wrong.items()), *small]), pytrace=False)
