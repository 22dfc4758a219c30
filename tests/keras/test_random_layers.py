"""Layers with random arguments against TensorFlow's Keras: outputs, gradients, losses, weights, shapes, configs.

GRAPHFLOW_RANDOM_LAYERS says how many seeds (40; tools/check --full takes 300). One alone: `python -m tests.keras.random_layers SEED SEED+1`
says what the TensorFlow of that python gives, `configuration(SEED)` the layer.
"""
import os

import pytest

import graphflow as tf
from tests.keras.random_layers import attempted, configuration
from tests.keras.running import asked, differences

pytestmark = pytest.mark.oracle
COUNT = int(os.environ.get("GRAPHFLOW_RANDOM_LAYERS", "40"))
CHUNK = 20


@pytest.mark.filterwarnings("ignore")      # what numpy says of the infinities of some layers
@pytest.mark.parametrize("first", range(0, COUNT, CHUNK), ids=lambda first: f"{first}-{first + CHUNK - 1}")
def test_a_layer_with_random_arguments_is_tensorflows(first, tensorflow_python):
    theirs = asked(tensorflow_python, "tests.keras.random_layers", str(first), str(first + CHUNK))
    refused = [seed for seed, found in theirs.items() if "error" in found]
    assert len(refused) <= CHUNK // 10, f"TensorFlow refuses seeds {refused}: the generator makes wrong layers"
    wrong = {seed: found[:4] for seed in theirs if (found := differences(attempted(tf, int(seed)), theirs[seed]))}
    assert not wrong, "\n".join(f"seed {seed}: {configuration(int(seed))}\n   {found}" for seed, found in wrong.items())
