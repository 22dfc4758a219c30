"""Files of `tf.contrib.learn`."""
