"""Losses of `tf.losses`: each adds itself to a collection that `get_total_loss` sums. Names are resolved on first touch."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("losses")
