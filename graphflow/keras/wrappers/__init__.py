"""Files of tf.keras.wrappers."""
