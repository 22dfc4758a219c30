"""Files of tf.keras.regularizers."""
