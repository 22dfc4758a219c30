"""The numbers of 50 steps of each optimizer are TensorFlow's."""
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from tests.train.optimizer_programs import CASES, train

WANTED = np.load(Path(__file__).parent.parent / "data" / "optimizers" / "trajectories.npz")


@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_give_tensorflows_weights(case):
    np.testing.assert_allclose(train(tf, case), WANTED[case], rtol=2e-5, atol=1e-6)
