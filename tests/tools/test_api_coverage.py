"""tools/api_coverage.py: what counts as covered, and how signatures are compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import graphflow as tf
from tests import recording
from tools import api_coverage

ROOT = Path(__file__).parents[2]


@pytest.fixture
def coverage(tmp_path, monkeypatch):
    """Coverage after tests that used tf.matmul, tf.Session, tf.GraphKeys and tf.math.tanh."""
    called = tmp_path / "called.json"
    called.write_text(json.dumps(dict.fromkeys(["matmul", "Session", "GraphKeys", "math.tanh"], "test_x.py")))
    monkeypatch.setattr(api_coverage, "CALLED", called)
    return api_coverage.Coverage()


def test_a_name_counts_if_it_exists_and_a_test_uses_it_under_any_of_its_names(coverage):
    states = {name: coverage.state(name) for name in ("matmul", "Session", "nn.tanh", "python.ops.math_ops.matmul", "transpose", "nothing")}
    assert states == {
        "matmul": "covered", "Session": "covered", "nn.tanh": "covered", "python.ops.math_ops.matmul": "covered",
        "transpose": "untested", "nothing": "missing",
    }    # fmt: skip


def test_constants_of_a_class_count_with_it(coverage):
    assert coverage.state("GraphKeys.TRAINABLE_VARIABLES") == "covered"
    assert coverage.state("GraphKeys.NO_SUCH_KEY") == "missing"


def test_a_function_that_only_refuses_is_missing():
    assert api_coverage.refuses(tf.load_op_library)
    assert not api_coverage.refuses(tf.matmul)
    assert not api_coverage.refuses(tf.Session)


def test_signatures_are_compared_by_names_order_and_defaults():
    difference = api_coverage.signature_difference
    assert difference("matrix_transpose", [["a", "<required>"], ["name", "'matrix_transpose'"], ["conjugate", "False"]]) is None
    other = difference("matrix_transpose", [["x", "<required>"], ["name", "None"]])
    assert other == "arguments (a, name, conjugate), TensorFlow has (x, name)"
    assert "conjugate=False, TensorFlow has True" in difference(
        "matrix_transpose", [["a", "<required>"], ["name", "'matrix_transpose'"], ["conjugate", "True"]]
    )
    assert difference("nothing", [["x", "<required>"]]) is None


def test_names_that_tests_use_are_recorded_and_those_of_refusals_are_not(tmp_path):
    target = tmp_path / "called.json"
    tests = ROOT / "tests" / "platform" / "test_compat_and_behavior.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"GRAPHFLOW_RECORD_CALLS": str(target)})
    assert done.returncode == 0, done.stdout
    called = json.loads(target.read_text())
    assert called["compat.as_bytes"].startswith("platform/test_compat_and_behavior.py::test_")
    assert "disable_v2_behavior" in called and "load_op_library" not in called


def test_the_report_says_how_much_is_covered():
    done = subprocess.run([sys.executable, "tools/api_coverage.py", "--summary"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "all symbols that public programs use" in done.stdout and "signature differences" in done.stdout


def test_a_test_that_checks_nothing_makes_no_name_count():
    def runs_only():
        tf.matmul([[1.0]], [[1.0]])

    def asserts():
        assert tf.matmul([[1.0]], [[1.0]]) is not None

    def calls_a_check():
        recording.checks(asserts)

    assert [recording.checks(f) for f in (runs_only, asserts, calls_a_check, None)] == [False, True, True, False]
