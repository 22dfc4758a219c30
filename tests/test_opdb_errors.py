"""Calls that rows say are refused: exception type and words of the text."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests import opdb
from tests.opdb import _run

CASES = [(row, number) for row in opdb.load() for number in range(len(row.errors))]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0].name}-{c[1]}")
def test_wrong_calls_are_refused_with_words_that_help(case):
    row, number = case
    wrong = row.errors[number]
    kind = wrong.kind
    if isinstance(kind, str):
        kind = tf
        for part in wrong.kind.split("."):
            kind = getattr(kind, part)
    example = opdb.Sample(opdb.map_arrays(wrong.inputs, np.asarray), wrong.attrs)
    with pytest.raises(kind) as caught:
        _run.Built(row, example).run()
    assert wrong.text in str(caught.value)
