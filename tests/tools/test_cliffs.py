"""The table of speed cliffs: its cases build and run, and its rows say what was measured."""

import pytest

import graphflow as tf
from tools.bench import cliffs

SOME = [
    "tile rows",
    "gather_nd 10^6 scalars",
    "reduce_sum (100000, 10) axis 0",
    "conv2d (128, 6, 6, 3) (4, 4, 3, 8) /4 SAME, gradient w",
    "sparse to dense",
]


@pytest.mark.parametrize("name", SOME)
def test_a_case_builds_and_is_timed(name):
    timer = cliffs.Timer("graphflow")
    timer.build(name)
    assert 0 <= timer.time(0.01) < 60
    assert isinstance(timer.fetch, tf.Tensor)


def test_the_table_has_the_worst_first_and_counts_all():
    rows = [("level", {"graphflow": 1.0, "tensorflow": 1.0}), ("slow", {"graphflow": 8.0, "tensorflow": 2.0})]
    text = cliffs.table(rows, above=2.0)
    assert text[2:] == ["| slow | 8e+03 | 2e+03 | 4.00 |", "", "2 rows: median ratio 4.00, 1 above 3, 0 below 1."]
    assert len(cliffs.CASES) > 500
