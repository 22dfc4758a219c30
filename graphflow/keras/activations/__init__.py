"""Files of tf.keras.activations."""
