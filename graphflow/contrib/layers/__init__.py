"""Files of `tf.contrib.layers`."""
