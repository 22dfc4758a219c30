"""tf.contrib.layers.python.layers.utils and its like: TensorFlow's inner modules, which programs reached into.

`tf.contrib.layers.python` and each module below it show the names of `tf.contrib.layers`.
"""
from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

# Names of modules below tf.contrib.*.python that are no public names.
MODULES = frozenset("""
    arg_scope attention_wrapper audio_ops base basic_decoder basic_loops beam_search_decoder bucket_ops bucketization_op
    checkpoint_ops checkpoint_utils classification client cluster_resolver clustering_ops core_rnn core_rnn_cell
    core_rnn_cell_impl crf data_ops dataset_ops datasets decoder dnn dnn_linear_combined eager embedding_ops encoders estimator
    estimators evaluable evaluation experiment export_strategy external_optimizer feature_column feature_column_ops framework
    fused_rnn_cell graph_actions gru_ops hash_table_ops head helper hparam image image_ops initializers input_fn_utils
    interpolate_spline iter_dataset_ops iterator_ops layers learn learn_io learn_runner learning linear lookup_ops loss loss_ops
    losses lstm_ops metric_key metric_loss_ops metric_ops metric_spec metrics metrics_impl model_fn models monitored_session
    monitors moving_average_optimizer nadam_optimizer nets normalization ops opt optimizers plugins prediction_key prefetch_queue
    preprocessing projector queues random_forest regularizers rnn rnn_cell rnn_common run_config sampling_ops
    saved_model_export_utils seq2seq sequence_queueing_state_saver slim sparse_ops summaries summary summary_ops
    summary_writer_cache svm target_column tensor_forest tensor_util text tfe tpu tpu_cluster_resolver tpu_config tpu_estimator
    tpu_optimizer trainable training transform_ops utils variable_clipping_optimizer variables weight_decay_optimizers
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
