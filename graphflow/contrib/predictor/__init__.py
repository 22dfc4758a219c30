"""Files of `tf.contrib.predictor`."""
