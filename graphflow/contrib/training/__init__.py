"""Files of `tf.contrib.training`."""
