"""Files of `tf.contrib.slim`."""
