"""tf.distributions: samples, densities and moments of families of distributions. Names are resolved on first touch.

Written on the public API. `distribution.py` has the base class, which names scopes and shapes samples; the other files hold families.
"""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("distributions")
