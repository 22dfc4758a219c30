"""Files of tf.keras.models."""
