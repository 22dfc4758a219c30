"""`tf.layers`: layers as objects and as functions, with TF1's variable names. Names are resolved on first touch."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("layers")
