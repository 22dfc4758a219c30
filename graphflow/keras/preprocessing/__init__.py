"""Files of tf.keras.preprocessing."""
