"""`tf.version` and `tf.sysconfig`: which TensorFlow this stands for, and what there is of a compiled library: nothing."""

from __future__ import annotations

from collections import OrderedDict
from typing import NoReturn

from graphflow.core.export import export, export_values
from graphflow.graphdef.export import CONSUMER
from graphflow.platform.behavior import VERSION

GIT_VERSION = f"v{VERSION}-graphflow"
COMPILER_VERSION = ""               # nothing was compiled
GRAPH_DEF_VERSION = CONSUMER
GRAPH_DEF_VERSION_MIN_CONSUMER = 0
GRAPH_DEF_VERSION_MIN_PRODUCER = 0
CXX11_ABI_FLAG = 0
CXX_VERSION = 0
MONOLITHIC_BUILD = 0

_VERSIONS = ("GIT_VERSION", "COMPILER_VERSION", "GRAPH_DEF_VERSION", "GRAPH_DEF_VERSION_MIN_CONSUMER", "GRAPH_DEF_VERSION_MIN_PRODUCER")
_FLAGS = ("CXX11_ABI_FLAG", "CXX_VERSION", "MONOLITHIC_BUILD")
export_values(__name__, version__VERSION="VERSION", **{name: name for name in (*_VERSIONS, *_FLAGS)},
              **{f"version__{name}": name for name in _VERSIONS}, **{f"sysconfig__{name}": name for name in _FLAGS})


@export("sysconfig.get_build_info")
def get_build_info() -> OrderedDict[str, bool]:
    """What the library was built for: neither CUDA, ROCm nor TensorRT."""
    return OrderedDict(is_cuda_build=False, is_rocm_build=False, is_tensorrt_build=False)


def _no_library(name: str) -> NoReturn:
    raise NotImplementedError(f"tf.sysconfig.{name}: graphflow runs on numpy, there is no library and there are no headers to compile an "
                              "operation against; write it as a Python function with tf.py_func and tf.custom_gradient")


@export("sysconfig.get_include")
def get_include() -> str:
    """The folder of C++ headers; there are none: NotImplementedError."""
    _no_library("get_include")


@export("sysconfig.get_lib")
def get_lib() -> str:
    """The folder of the compiled library; there is none: NotImplementedError."""
    _no_library("get_lib")


@export("sysconfig.get_compile_flags")
def get_compile_flags() -> list[str]:
    """Flags for compiling an operation; there are none: NotImplementedError."""
    _no_library("get_compile_flags")


@export("sysconfig.get_link_flags")
def get_link_flags() -> list[str]:
    """Flags for linking an operation; there are none: NotImplementedError."""
    _no_library("get_link_flags")
