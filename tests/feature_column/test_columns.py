"""tf.feature_column beside TensorFlow 1.15: values and names of variables."""
import json

import pytest

import graphflow as tf
from tests.estimator.golden import _same
from tests.estimator.tf1_side import packed
from tests.oracle.programs import run_program

from . import column_programs, golden

NAMES = sorted(name for name in vars(column_programs) if name.startswith("program_"))


@pytest.mark.parametrize("name", NAMES)
def test_columns_give_what_tensorflow_1_15_gives(name):
    ours = run_program(getattr(column_programs, name), tf)["runs"][1]
    _same(json.loads(json.dumps(packed(ours))), golden.stored()[name], name, 1e-5, 1e-6)
