"""tf.contrib.image: pictures rotated, shifted and projected."""
