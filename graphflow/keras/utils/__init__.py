"""Files of tf.keras.utils."""
