"""Files of `tf.contrib.opt`."""
