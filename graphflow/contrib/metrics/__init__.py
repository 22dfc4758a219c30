"""Files of `tf.contrib.metrics`."""
