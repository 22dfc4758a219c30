"""tf.data's operations: what stands for a dataset, and iterators. The Python side is in `graphflow.data`."""
