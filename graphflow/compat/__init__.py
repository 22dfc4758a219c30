"""tf.compat: its names are in the table of public names; `graphflow.compat.v2` is TensorFlow 2's interface."""
