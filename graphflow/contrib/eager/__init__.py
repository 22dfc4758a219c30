"""Files of `tf.contrib.eager`."""
