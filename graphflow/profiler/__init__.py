"""What a run or a graph costs: profiles, timelines, floating point operations; and the public namespace `tf.profiler`."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("profiler")
