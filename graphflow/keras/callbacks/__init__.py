"""Files of tf.keras.callbacks."""
