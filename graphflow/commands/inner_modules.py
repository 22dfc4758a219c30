"""Which names of graphflow TensorFlow's inner modules show: `tensorflow.python.*`, `tensorflow.examples.*` and their like.

TensorFlow never promised them, and programs imported them all the same. A module that stands in no table here is `graphflow.a.b`
where there is one (`tensorflow.python.keras.layers` is `tf.keras.layers`), else shows the names of its family.
"""

from __future__ import annotations

from graphflow._public.keras_api import TABLE
from graphflow._public.namespace import namespaces

_PUBLIC: tuple[str, ...] = ("", "math", "nn", "linalg", "train", "layers", "errors", "test", "strings", "random", "initializers", "losses")
_NESTS = ("nest", "core.nest")

# tensorflow module -> graphflow namespaces ("" is graphflow itself) searched in this order
ALIASES: dict[str, tuple[str, ...]] = {
    "tensorflow": ("",),
    "tensorflow.compat": ("compat",),
    "tensorflow.compat.v1": ("",),
    "tensorflow.contrib": ("contrib",),
    "tensorflow.examples.tutorials.mnist.input_data": ("datasets.mnist",),
    "tensorflow.examples.tutorials.mnist.mnist": ("datasets.mnist_model",),
    "tensorflow.python": ("",),
    "tensorflow.python.client.device_lib": ("platform.device_lib",),
    "tensorflow.python.client.session": ("",),
    "tensorflow.python.client.timeline": ("timeline",),
    "tensorflow.python.debug": ("commands.inner.debug",),
    "tensorflow.python.distribute.summary_op_util": ("commands.inner.summary_op_util",),
    "tensorflow.python.framework.dtypes": ("dtypes", "", "core.dtypes"),
    "tensorflow.python.framework.errors": ("errors",),
    "tensorflow.python.framework.errors_impl": ("errors",),
    "tensorflow.python.framework.function": ("ops.control_flow.defun",),
    "tensorflow.python.framework.graph_io": ("io", "train"),
    "tensorflow.python.framework.graph_util": ("graph_util",),
    "tensorflow.python.framework.graph_util_impl": ("graph_util",),
    "tensorflow.python.framework.meta_graph": ("train",),
    "tensorflow.python.framework.ops": ("", "commands.inner.uids"),
    "tensorflow.python.framework.tensor_shape": ("", "core.tensor_shape"),
    "tensorflow.python.framework.tensor_util": ("", "contrib.util"),
    "tensorflow.python.framework.test_util": ("test",),
    "tensorflow.python.layers.utils": ("commands.inner.layer_utils",),
    "tensorflow.python.lib.io.file_io": ("platform.file_io",),
    "tensorflow.python.lib.io.tf_record": ("python_io",),
    "tensorflow.python.ops.control_flow_ops": (*_PUBLIC, "ops.control_flow.flow"),
    "tensorflow.python.ops.data_flow_ops": ("", "contrib.staging", "commands.inner.data_flow_ops"),
    "tensorflow.python.ops.distributions": ("distributions",),
    "tensorflow.python.ops.init_ops": (*_PUBLIC, "variables.initializers"),
    "tensorflow.python.ops.lookup_ops": ("lookup", "contrib.lookup", ""),
    "tensorflow.python.ops.resources": ("commands.inner.resources",),
    "tensorflow.python.ops.rnn_cell": ("nn.rnn_cell",),
    "tensorflow.python.ops.rnn_cell_impl": ("nn.rnn_cell",),
    "tensorflow.python.ops.rnn.rnn_cell_impl": ("nn.rnn_cell",),
    "tensorflow.python.ops.summary_op_util": ("commands.inner.summary_op_util",),
    "tensorflow.python.ops.variable_scope": (*_PUBLIC, "variables.scope"),
    "tensorflow.python.platform": ("",),
    "tensorflow.python.platform.app": ("app",),
    "tensorflow.python.platform.benchmark": ("test",),
    "tensorflow.python.platform.flags": ("flags",),
    "tensorflow.python.platform.gfile": ("gfile",),
    "tensorflow.python.platform.googletest": ("test",),
    "tensorflow.python.platform.resource_loader": ("resource_loader",),
    "tensorflow.python.platform.test": ("test",),
    "tensorflow.python.platform.tf_logging": ("logging",),
    "tensorflow.python.pywrap_tensorflow": ("train", "commands.inner.events_writer"),
    "tensorflow.python.saved_model.builder_impl": ("saved_model.builder",),
    "tensorflow.python.saved_model.loader_impl": ("saved_model.loader",),
    "tensorflow.python.saved_model.signature_def_utils_impl": ("saved_model.signature_def_utils",),
    "tensorflow.python.saved_model.simple_save": ("saved_model",),
    "tensorflow.python.saved_model.utils_impl": ("saved_model.utils",),
    "tensorflow.python.summary.summary": ("summary",),
    "tensorflow.python.summary.summary_iterator": ("train",),
    "tensorflow.python.summary.writer.writer": ("summary",),
    "tensorflow.python.summary.writer.writer_cache": ("summary",),
    "tensorflow.python.tf2": ("commands.inner.tf2",),
    "tensorflow.python.tools.freeze_graph": ("commands.inner.freeze_graph",),
    "tensorflow.python.tools.inspect_checkpoint": ("commands.inner.inspect_checkpoint",),
    "tensorflow.python.training.moving_averages": ("train", "train.moving_averages"),
    "tensorflow.python.util.compat": ("compat",),
    "tensorflow.python.util.deprecation": ("commands.inner.deprecation",),
    "tensorflow.python.util.nest": _NESTS,
    "tensorflow.python.util.tf_contextlib": ("commands.inner.tf_decorator",),
    "tensorflow.python.util.tf_decorator": ("commands.inner.tf_decorator",),
    "tensorflow.python.util.tf_export": ("commands.inner.tf_decorator",),
    "tensorflow.python.util.tf_inspect": ("commands.inner.tf_inspect",),
    "tensorflow.tensorboard.plugins.projector": ("contrib.tensorboard.plugins.projector",),
}

# Packages that hold modules only.
PACKAGES = (
    "tensorflow.core",
    "tensorflow.core.example",
    "tensorflow.core.framework",
    "tensorflow.core.lib",
    "tensorflow.core.lib.core",
    "tensorflow.core.protobuf",
    "tensorflow.core.util",
    "tensorflow.examples",
    "tensorflow.examples.tutorials",
    "tensorflow.examples.tutorials.mnist",
    "tensorflow.python.client",
    "tensorflow.python.distribute",
    "tensorflow.python.framework",
    "tensorflow.python.lib",
    "tensorflow.python.lib.io",
    "tensorflow.python.ops",
    "tensorflow.python.saved_model",
    "tensorflow.python.summary",
    "tensorflow.python.summary.writer",
    "tensorflow.python.tools",
    "tensorflow.python.training",
    "tensorflow.python.util",
    "tensorflow.tensorboard",
    "tensorflow.tensorboard.plugins",
)

# tensorflow.python.ops.math_ops, array_ops, ...: the public functions under their inner modules' names, by the beginnings of these.
FAMILIES: dict[str, tuple[str, ...]] = {
    "tensorflow.python.data.util.nest": _NESTS,
    "tensorflow.python.data.": ("data", "data.experimental"),
    "tensorflow.python.estimator.": ("estimator", "estimator.inputs", "estimator.export"),
    "tensorflow.python.feature_column.": ("feature_column",),
    "tensorflow.python.framework.": ("",),
    "tensorflow.python.layers.": ("layers", "nn"),
    "tensorflow.python.ops.distributions.": ("distributions",),
    "tensorflow.python.ops.": _PUBLIC,
    "tensorflow.python.profiler.": ("profiler",),
    "tensorflow.python.training.": _PUBLIC,
}

# Modules of functions that were generated from op types, beside those whose names begin with gen_.
RAW = ("tensorflow.python.training.training_ops", "tensorflow.python.ops.resource_variable_ops", "tensorflow.python.ops.control_flow_ops",
       "tensorflow.python.ops.inplace_ops")

_KERAS_INNER = {"engine": ("keras.layers", "keras.models", "keras"), "optimizer_v2": ("keras.optimizers", "keras.optimizers.schedules"),
                "saving": ("keras.models",), "layers": ("keras.layers", "keras")}


def keras_namespaces(path: str) -> tuple[str, ...] | None:
    """The namespaces that keras.a.b shows: of an inner module (`keras.layers.core`) those of the public one above it."""
    public = {"keras", *namespaces(TABLE)}
    parts = path.split(".")
    above = next(".".join(parts[:n]) for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in public)
    if above == path:
        return (path,)
    if above == "keras":
        return _KERAS_INNER.get(parts[1])
    return _KERAS_INNER.get(parts[1], (above,)) if len(parts) == 3 else (above,)
