"""tf.summary: logs of a training run, in event files that TensorBoard and the viewer read. Names are resolved on first touch."""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("summary")
