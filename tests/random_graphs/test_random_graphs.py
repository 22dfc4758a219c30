"""The machinery of the random programs: the same program for a seed everywhere, differences seen and excused, programs shrunk."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf

from .generate import program_of
from .running import difference, run_text, spreads
from .server import decoded, encoded
from .shrink import shrunk


def test_a_seed_gives_the_same_program_again_and_another_seed_another():
    assert program_of(3).text() == program_of(3).text() != program_of(4).text()


@pytest.mark.filterwarnings("ignore")
def test_programs_cover_states_gradients_and_feeds_of_inner_tensors():
    programs = [program_of(seed) for seed in range(150)]
    text = "".join(p.text() for p in programs)
    parts = ("scatter_add", "control_dependencies", "read_value", "tf.gradients", "conv2d", "placeholder_with_default", "minimize")
    assert [part for part in parts if part not in text] == []
    assert any(name[0] == "t" for p in programs for run in p.runs for name, _ in run.feeds)
    assert any(0 in t.shape for p in programs for line in p.lines for t in line.targets)


SMALL = """def program(tf, data=np.array):
    x = tf.placeholder(tf.float32, [None])
    return [([{}], {{x: data([1.5, -2.0], 'float32')}})]
"""


def results(code):
    return run_text(tf, SMALL.format(code))


def test_other_values_shapes_dtypes_and_errors_are_differences():
    one = results("x * 2.0")
    assert difference(one, results("x + x")) == ""
    assert "at (1,)" in difference(one, results("x * 2.0 + tf.constant([0.0, 1.0])"))
    assert "(2,)" in difference(one, results("tf.expand_dims(x * 2.0, 0)"))
    assert "float64" in difference(one, results("tf.cast(x * 2.0, tf.float64)"))
    fails = results("tf.reshape(x, [tf.size(x) + 1])")
    assert "InvalidArgumentError" in difference(fails, one) and "InvalidArgumentError" in difference(one, fails)
    assert "refuses" in difference(results("tf.reshape(x, [2, 'a'])"), one)
    assert difference(one, results("tf.reshape(x, [2, 'a'])")) == ""    # the program is no TensorFlow program


def test_what_rounding_decides_is_excused_and_nothing_else():
    sharp = SMALL.format("tf.floor(x * 2.0), x * 1e4")    # 3.0 or 2.0: rounding decides
    theirs, allowed = run_text(tf, sharp), spreads(tf, sharp)
    ours = {"runs": [[theirs["runs"][0][0] - np.array([1, 0], "float32"), theirs["runs"][0][1] + np.float32(1e-3)]]}
    assert difference(ours, theirs) != "" and difference(ours, theirs, allowed) == ""
    ours["runs"][0][1] = ours["runs"][0][1] + np.array([0, 100], "float32")
    assert difference(ours, theirs, allowed) != ""


def test_results_survive_the_pipe_between_the_processes():
    sent = {"runs": [[np.arange(3.0), np.array(True)], "ValueError: x"]}
    back = decoded(encoded(sent))
    assert back["runs"][1] == "ValueError: x" and back["runs"][0][0].tolist() == [0, 1, 2] and back["runs"][0][1].dtype == bool


def test_programs_shrink_to_the_lines_that_matter():
    seed = next(s for s in range(500) if "tf.cumsum" in program_of(s).text() and len(program_of(s).lines) > 10)

    def differs(program):
        return "tf.cumsum" in program.text() and "runs" in run_text(tf, program.text())
    small = shrunk(program_of(seed), differs)
    computing = [line.code for line in small.lines if not line.code.startswith(("tf.constant", "tf.placeholder", "tf.Variable"))]
    assert len(computing) == 1 and computing[0].startswith("tf.cumsum")
    assert len(small.runs) == 1 and len(small.runs[0].fetches) == 1
