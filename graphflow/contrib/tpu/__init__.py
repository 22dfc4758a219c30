"""Files of `tf.contrib.tpu`."""
