"""tf.feature_column: how the features of examples become the input of a model. Names are resolved on first touch.

Written on the public API. A column is a value: a named tuple that can be compared and is a key of dicts. `base.py` says what columns
are; a `Features` holds the tensors of a batch and what columns made of them, each once.
"""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("feature_column")
