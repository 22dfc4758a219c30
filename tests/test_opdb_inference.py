"""Inferred dtypes and shapes against what runs give, also with sizes and then ranks erased."""

from __future__ import annotations

import pytest

from graphflow.core import shapes
from tests import opdb
from tests.opdb import _run

FIRST = [(row, row.dtypes[0]) for row in opdb.load()]


@pytest.mark.parametrize("erase", ["", "dims", "rank"])
@pytest.mark.parametrize("case", FIRST, ids=opdb.case_id)
def test_static_shapes_fit_the_values(case, erase):
    row, dtype = case
    if erase and not row.shapes:
        pytest.skip("the function needs static shapes")
    for number, example in enumerate(row.cases(dtype)):
        complete = _run.Built(row, example)
        built = _run.Built(row, example, erase) if erase else complete
        for i, (tensor, value, full) in enumerate(zip(built.outputs, built.run(), complete.outputs, strict=True)):
            what = f"{row.name} sample {number} output {i}: {tensor} gave {value.dtype} {value.shape}"
            assert tensor.dtype.base_dtype.np == value.dtype, what
            assert shapes.compatible(tensor.static, value.shape), what
            assert shapes.compatible(tensor.static, full.static), what


@pytest.mark.parametrize("case", FIRST, ids=opdb.case_id)
def test_erased_shapes_change_no_value(case):
    row, dtype = case
    if not row.shapes:
        pytest.skip("the function needs static shapes")
    for number, example in enumerate(row.cases(dtype)):
        wanted = _run.Built(row, example).run()
        for erase in ("dims", "rank"):
            for i, (a, b) in enumerate(zip(_run.Built(row, example, erase).run(), wanted, strict=True)):
                _run.assert_close(a, b, dtype, row.tolerance, f"{row.name} sample {number} output {i}, {erase} erased")
