"""Files of `tf.contrib.distributions`."""
