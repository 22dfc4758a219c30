"""Files of `tf.contrib.crf`."""
