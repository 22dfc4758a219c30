"""Files of tf.keras.metrics."""
