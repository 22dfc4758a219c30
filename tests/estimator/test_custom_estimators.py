"""Estimators of the program's own model function, beside TensorFlow 1.15's."""
import pytest

from . import golden


@pytest.mark.parametrize("name", golden.names("custom_programs"))
def test_a_custom_estimator_does_what_tensorflow_1_15_does(name, tmp_path):
    golden.check("custom_programs", name, tmp_path)
