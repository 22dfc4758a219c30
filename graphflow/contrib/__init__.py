"""tf.contrib: what programs of TensorFlow 1 use of it. Names are resolved on first touch.

Their table is read when `tf.contrib` is first touched, so that `import graphflow` does not pay for it. The modules here are written on
the public API, as a program would be. A folder's namespace (`tf.contrib.layers`) is made by `install_part`; its files are the folder's.
"""
import sys
from typing import Any

from .._public.contrib_api import TABLE
from .._public.namespace import install_part, resolver
from . import inner_keras
from .aliases import SAME

install_part(sys.modules[__name__], TABLE)
for _name, _shown in SAME.items():
    sys.modules[f"{__name__}.{_name}"] = sys.modules[f"{__name__}.{_shown}"]
    _space, _, _leaf = _name.partition(".")
    setattr(sys.modules[f"{__name__}.{_space}"], _leaf, sys.modules[f"{__name__}.{_shown}"])
_resolve, __dir__ = resolver("contrib")


def __getattr__(name: str) -> Any:
    return inner_keras.module() if name == "keras" else _resolve(name)
