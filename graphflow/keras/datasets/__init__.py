"""Files of tf.keras.datasets."""
