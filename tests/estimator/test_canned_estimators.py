"""The ready-made estimators, beside TensorFlow 1.15's."""
import pytest

import graphflow as tf

from . import golden


@pytest.mark.parametrize("name", sorted(golden.stored("canned_programs")))
def test_a_canned_estimator_does_what_tensorflow_1_15_does(name, tmp_path):
    golden.check("canned_programs", name, tmp_path, rtol=1e-3, atol=1e-4)


def test_boosted_trees_are_refused():
    with pytest.raises(NotImplementedError, match="BoostedTreesClassifier: boosted trees are not in graphflow"):
        tf.estimator.BoostedTreesClassifier([], 1)
