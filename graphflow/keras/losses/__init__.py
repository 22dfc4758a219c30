"""Files of tf.keras.losses."""
