"""tf.keras: models, layers, losses, metrics, optimizers and callbacks, written on graphflow's public API.

Names are resolved on first touch from a table that is read when `tf.keras` is first touched, so that `import graphflow` does not pay for
it. A folder's namespace (`tf.keras.layers`) is made by `install_part`; its files are the folder's. Layers build ops and know no session;
models that train (`engine/training*.py`) and `backend/sessions.py` do.
"""
import sys

from .._public.keras_api import TABLE
from .._public.namespace import install_part, resolver

install_part(sys.modules[__name__], TABLE)
__getattr__, __dir__ = resolver("keras")
