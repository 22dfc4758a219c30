"""The op database as Python files: what graphflow exports gives what a session gives; what it cannot export it refuses."""
import inspect
import re

import numpy as np
import pytest

import graphflow as tf
from graphflow.exporting.model import session_model
from graphflow.exporting.python_file import python_source
from tests import opdb
from tests.opdb import _run

ALL = [case for case in opdb.cases() if case[1] == case[0].dtypes[0]]
SOME = ALL[::20]
REFUSED = "in code of its own|depends on values|numpy has no|no form|random numbers|waits for queues|takes a variable itself"


def loaded(source, weights):
    """The names of an exported module whose weights are at hand."""
    space = {"__name__": "exported", "WEIGHTS": weights}
    exec(compile(re.sub(r"^WEIGHTS = dict\(np.load.*\n", "", source, flags=re.MULTILINE), "exported", "exec"), space)
    return space


def same_values(row, dtype, gradients=False):
    """Whether something of the row could be compared."""
    compared = 0
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        if gradients:
            with built.graph.as_default():
                made = tf.gradients([t for t in built.outputs if t.dtype.is_floating], [t for t in built.tensors if t.dtype.is_floating])
                built.outputs = list(dict.fromkeys(tf.convert_to_tensor(t) for t in made if t is not None))
        if not built.outputs:
            continue
        fed = {f"a{i}": np.asarray(value, t.dtype.base_dtype.np) for i, (t, value) in enumerate(built.feeds.items())}
        with tf.Session(graph=built.graph) as session:
            wanted = [_run.as_array(v) for v in session.run(built.outputs, built.feeds)]
            model = session_model(session, dict(zip(fed, built.feeds)), {f"o{i}": t for i, t in enumerate(built.outputs)})
            try:
                source, weights, _ = python_source(model, "exported", {name: value.shape for name, value in fed.items()})
            except NotImplementedError as refusal:
                assert re.search(REFUSED, str(refusal)), refusal
                continue
        function = loaded(source, weights)["model"]
        takes = inspect.signature(function).parameters
        found = function(**{name: value for name, value in fed.items() if name in takes})
        for i, theirs in enumerate(wanted):
            mine = np.asarray(found[f"o{i}"])
            assert mine.dtype == theirs.dtype
            assert mine.shape == theirs.shape
            if "rng" not in takes:
                _run.assert_close(mine, theirs, dtype, max(row.tolerance, 5), f"{row.name} sample {number} output {i}")
                compared += 1
    return compared


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=opdb.case_id)
def test_every_row(case):
    same_values(*case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in ALL if case[0].gradient], ids=opdb.case_id)
def test_the_gradient_of_every_row(case):
    same_values(*case, gradients=True)


def test_a_sample_of_rows():
    assert sum(same_values(*case) for case in SOME) > len(SOME)


def test_a_sample_of_gradients():
    rows = [case for case in ALL if case[0].gradient][::20]
    assert sum(same_values(*case, gradients=True) for case in rows) > len(rows)
