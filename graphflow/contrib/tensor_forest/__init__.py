"""Files of `tf.contrib.tensor_forest`."""
