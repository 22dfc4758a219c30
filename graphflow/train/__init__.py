"""tf.train: optimizers, savers, schedules, and what runs training. Names are resolved on first touch."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("train")
