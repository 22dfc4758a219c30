"""Files of `tf.contrib.framework`."""
