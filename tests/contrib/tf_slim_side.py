"""The side of tf-slim: makes it run on TensorFlow 2.21, whose tf_keras keeps the layers that it uses in another place,
and whose inner modules lack a name."""
import importlib
import importlib.abc
import importlib.machinery
import sys

_OLD, _NEW = "tf_keras.legacy_tf_layers", "tf_keras.src.legacy_tf_layers"


class _Moved(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname == _OLD or fullname.startswith(f"{_OLD}."):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=fullname == _OLD)
        return None

    def create_module(self, spec):
        return importlib.import_module(spec.name.replace(_OLD, _NEW))

    def exec_module(self, module):
        """Made whole by its import under the other name."""


def prepare(tf):
    tf.enable_control_flow_v2()
    sys.meta_path.insert(0, _Moved())
    inner = importlib.import_module
    inner("tensorflow.python.framework.ops").Tensor = tf.Tensor
    inner("tensorflow.python.framework.ops").IndexedSlices = tf.IndexedSlices
    inner("tensorflow.python.ops.control_flow_ops").cond = tf.cond
    inner("tensorflow.python.ops.variable_scope").variable = tf.Variable
