"""Files of `tf.contrib.losses`."""
