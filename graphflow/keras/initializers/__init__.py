"""Files of tf.keras.initializers."""
