"""Files of tf.keras.applications."""
