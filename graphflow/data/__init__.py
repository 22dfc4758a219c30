"""Input: record files, examples, and (later) pipelines. Names are resolved on first touch."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("data")
