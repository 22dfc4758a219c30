"""Every op with nothing along its first axis: what TensorFlow computes, with the shapes that it gives (recorded by
tests/oracle/empty_results.py), graphflow computes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import graphflow as tf
from tests import opdb
from tests.oracle import small_sizes
from tests.oracle.empty_results import DATA, emptied, run

SHAPES = json.loads(DATA.read_text())
ROWS = {row.name: row for row in opdb.load()}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_an_empty_first_axis_gives_the_shapes_that_tensorflow_gives(name):
    found = run(tf, ROWS[name], emptied(ROWS[name]))
    assert [list(np.shape(v)) for v in found] == SHAPES[name]


SMALL = json.loads(small_sizes.DATA.read_text())
STRICTER: dict[str, str] = {
    "placeholder_with_default": "a run holds a tensor to the shape that the graph knows of it, TensorFlow does not check the default's",
    "gradient of rot90": "with a static shape the branches of its case disagree about the gradient's",
}


@pytest.mark.parametrize("name", sorted(SMALL.keys() - STRICTER.keys()))
def test_sizes_of_0_and_1_on_any_axis_give_the_shapes_that_tensorflow_gives(name):
    for case, example in small_sizes.cases(ROWS[name]):
        if case in SMALL[name]:
            assert [list(np.shape(v)) for v in run(tf, ROWS[name], example)] == SMALL[name][case], case
