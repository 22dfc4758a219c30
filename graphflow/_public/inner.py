"""tf.contrib.layers.python.layers.utils and its like: TensorFlow's inner modules, which programs reached into.

`tf.contrib.layers.python` and each module below it show the names of `tf.contrib.layers`.
"""
from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

# Names of modules below tf.contrib.*.python that are no public names.
MODULES = frozenset("""
    arg_scope attention_wrapper audio_ops base basic_decoder basic_loops beam_search_decoder bucket_ops bucketization_op checkpoint_ops
    checkpoint_utils classification core_rnn core_rnn_cell core_rnn_cell_impl crf dataset_ops decoder embedding_ops encoders evaluation
    external_optimizer feature_column feature_column_ops framework fused_rnn_cell gru_ops hash_table_ops helper hparam image image_ops
    initializers interpolate_spline iter_dataset_ops iterator_ops layers learn learning lookup_ops loss loss_ops losses lstm_ops
    metric_loss_ops metric_ops metrics moving_average_optimizer nadam_optimizer nets normalization ops opt optimizers plugins
    prefetch_queue projector queues regularizers rnn rnn_cell sampling_ops seq2seq sequence_queueing_state_saver slim sparse_ops
    summaries summary target_column tensor_util training transform_ops utils variable_clipping_optimizer variables
    weight_decay_optimizers
""".split())  # noqa: SIM905


class Inner(types.ModuleType):
    """A module that shows the names of a public namespace; what is the name of an inner module is the module itself."""

    _find: Callable[[str], Any]
    _names: Callable[[], list[str]]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._find(name)
        except AttributeError:
            if name in MODULES:
                return self
            raise

    def __dir__(self) -> list[str]:
        return self._names()


def inner_module(namespace: str, find: Callable[[str], Any], names: Callable[[], list[str]]) -> Inner:
    """What `namespace`.python gives; find, names: its __getattr__ and __dir__."""
    module = Inner(f"{namespace}.python", f"Inner modules of {namespace}.")
    module._find, module._names = find, names
    return module
