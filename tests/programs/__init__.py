"""Programs as people wrote them for TensorFlow 1, each after a classic tutorial or paper, run by `graphflow run` and by TensorFlow."""
