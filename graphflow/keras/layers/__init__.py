"""Files of tf.keras.layers."""
