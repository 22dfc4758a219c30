"""Files of tf.keras.backend."""
