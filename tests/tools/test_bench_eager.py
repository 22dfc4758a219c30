"""The bench of eager execution: its cases run, and are timed."""

import pytest

from tests.eager.switched import eagerly
from tools.bench import eager, eager_cases


@pytest.mark.parametrize("name", ["x + y", "concat", "assign_add", "gradient by a tape", "tf.function, called"])
def test_a_case_is_built_and_timed(name, monkeypatch):
    monkeypatch.setattr(eager, "ENOUGH", 0.0)
    with eagerly(v2=True):
        timer = eager.Timer("graphflow")
        timer.build(name)
        assert 0 <= timer.time(0.0) < 60


def test_thirty_ops_and_the_steps_that_matter_are_there():
    assert len(eager_cases.OPS) >= 30
    assert set(eager_cases.STEPS) >= {"network of two layers, a step by a tape", "tf.function, called"}
