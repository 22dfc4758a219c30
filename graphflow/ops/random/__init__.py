"""Random ops: numbers of the streams in `graphflow.kernels.random`, seeded by TensorFlow's rule (seeds.py)."""
