"""Files of tf.keras.optimizers."""
