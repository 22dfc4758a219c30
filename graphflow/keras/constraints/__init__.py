"""Files of tf.keras.constraints."""
