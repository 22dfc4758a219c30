"""Every row of the op database: values against the reference, with fed and with constant inputs, and against plain kernels."""

from __future__ import annotations

import numpy as np
import pytest

from tests import opdb
from tests.opdb import _run, stored

CASES = opdb.cases()


@pytest.mark.parametrize("case", CASES, ids=opdb.case_id)
def test_values_equal_the_reference(case):
    """The row's own reference, or what TensorFlow gave once."""
    row, dtype = case
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        assert set(row.ops) & built.types(), f"{row.name}: none of {row.ops} among {sorted(built.types())}"
        found = built.run()
        for tensor, value in zip(built.outputs, found, strict=True):
            assert tensor.dtype.base_dtype.np == value.dtype, f"{tensor} gave {value.dtype}"
        if row.reference is not None:
            wanted = _run.flatten(row.reference(*example.inputs, **example.attrs))
        else:
            wanted = stored.values(row, dtype, number, example)
        if wanted is None:
            assert dtype != row.dtypes[0]
            pytest.skip(f"TensorFlow has no {dtype} here, and the row no reference")
        assert len(found) == len(wanted)
        for i, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            _run.assert_close(ours, np.asarray(theirs), dtype, row.tolerance, f"{row.name} sample {number} output {i}")


@pytest.mark.parametrize("case", CASES, ids=opdb.case_id)
def test_plans_give_what_the_kernels_give_one_by_one(case):
    """Inputs fed, and inputs constant, where everything folds."""
    row, dtype = case
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        plain = _run.run_one_by_one(built)
        folded = _run.Built(row, example, constants=True).run()
        for i, (ours, wanted, constant) in enumerate(zip(built.run(), plain, folded, strict=True)):
            what = f"{row.name} sample {number} output {i}"
            _run.assert_close(ours, wanted, dtype, row.tolerance, what)
            _run.assert_close(constant, wanted, dtype, row.tolerance, what + ", from constants")


@pytest.mark.parametrize("case", [(row, row.dtypes[0]) for row in opdb.load()], ids=opdb.case_id)
def test_passes_change_no_value(case):
    """The finished plan against the plan as lowering leaves it, each in a session of its own."""
    row, dtype = case
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        finished = built.run()
        with _run.without_passes():
            lowered = built.run()
        for i, (ours, wanted) in enumerate(zip(finished, lowered, strict=True)):
            _run.assert_close(ours, wanted, dtype, row.tolerance, f"{row.name} sample {number} output {i}")


@pytest.mark.parametrize("case", [c for c in CASES if c[1] == "float32" and "float64" in c[0].dtypes], ids=opdb.case_id)
def test_float32_and_float16_agree_with_float64(case):
    row, _ = case
    narrow = [d for d in row.dtypes if d in ("float32", "float16", "bfloat16")]
    for number, wide_case in enumerate(row.cases("float64")):
        for dtype in narrow:
            case_ = row.cases(dtype)[number]
            # float64 gets the rounded inputs, so that only the computing differs
            inputs = opdb.map_arrays(case_.inputs, lambda a: a.astype("float64") if a.dtype.kind == "f" else a)
            rounded = opdb.Sample(inputs, wide_case.attrs)
            ours, wanted = _run.Built(row, case_).run(), _run.Built(row, rounded).run()
            for i, (a, b) in enumerate(zip(ours, wanted, strict=True)):
                if b.dtype == np.float64:  # what stands for the lowest or highest number is each dtype's own
                    limits = np.finfo(dtype)
                    b = np.where(np.isfinite(b), np.clip(b, float(limits.min), float(limits.max)), b)
                _run.assert_close(a, b, dtype, row.tolerance * 5, f"{row.name} {dtype} sample {number} output {i}")
