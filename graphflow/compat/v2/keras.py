"""tf.keras of TensorFlow 2: importing this module gives the namespace that `keras_spaces` makes."""
import sys

from .keras_spaces import space

sys.modules[__name__] = space()
