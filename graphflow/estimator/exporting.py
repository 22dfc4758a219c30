"""Writing an estimator's model as a SavedModel: a meta graph per mode, with the signatures that its outputs have."""
from __future__ import annotations

import os
import shutil
import time
from typing import Any

import graphflow as tf

from .mode_keys import ModeKeys
from .outputs import with_default
from .receivers import RECEIVER

_TAGS = {ModeKeys.TRAIN: "train", ModeKeys.EVAL: "eval", ModeKeys.PREDICT: "serve"}     # the first one given brings the variables
_FRIENDLY = {"tensorflow/serving/classify": "Classify", "tensorflow/serving/regress": "Regress", "tensorflow/serving/predict": "Predict",
             "tensorflow/supervised/training": "Train", "tensorflow/supervised/eval": "Eval"}


def export_modes(estimator: Any, base: Any, receivers: dict[str, Any], assets_extra: Any, as_text: bool, checkpoint_path: Any,
                 strip_default_attrs: bool) -> bytes:
    """Writes base/TIME with a meta graph for each mode of {mode: function that gives a receiver}; the folder's path.

    The folder has another name, temp-TIME, until it is whole.
    """
    path = os.fsdecode(checkpoint_path) if checkpoint_path else estimator.latest_checkpoint()
    if not path and estimator._warm_start_settings is not None:
        path = os.fsdecode(estimator._warm_start_settings.ckpt_to_initialize_from)
        path = tf.train.latest_checkpoint(path) if os.path.isdir(path) else path
    if not path:
        raise ValueError(f"Couldn't find trained model at {estimator.model_dir}: call train() first.")
    if not any(receivers.get(mode) for mode in _TAGS):
        raise ValueError(f"No valid modes for exporting found. Got {list(receivers)}.")
    target = _new_folder(os.fsdecode(base))
    unfinished = os.path.join(os.path.dirname(target), f"temp-{os.path.basename(target)}")
    builder = tf.saved_model.builder.SavedModelBuilder(unfinished)
    first = True
    for mode in _TAGS:
        if receivers.get(mode):
            _add_graph(estimator, builder, receivers[mode], path, mode, first, strip_default_attrs)
            first = False
    builder.save(as_text)
    for name, source in (assets_extra or {}).items():
        copy = os.path.join(unfinished, "assets.extra", os.fsdecode(name))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(source, copy)
    os.rename(unfinished, target)
    return os.fsencode(target)


def _new_folder(base: str) -> str:
    """base/SECONDS since 1970, or of the next second that has no folder yet."""
    second = int(time.time())
    while os.path.exists(os.path.join(base, str(second))):
        second += 1
    return os.path.join(base, str(second))


def _add_graph(estimator: Any, builder: Any, receiver_fn: Any, path: str, mode: str, first: bool, strip: bool) -> None:
    """Adds the graph of a mode, with the variables of a checkpoint where it is the first."""
    with estimator._new_graph():
        receiver = receiver_fn()
        spec = estimator._call_model_fn(receiver.features, getattr(receiver, "labels", None), mode, estimator.config)
        signatures = signatures_of(receiver, spec, mode)
        with tf.Session(config=estimator._session_config) as session:
            main_op = spec.scaffold.local_init_op
            if main_op is None:
                main_op = tf.train.Scaffold.default_local_init_op()
            saver = spec.scaffold.saver or tf.train.Saver(sharded=True)
            try:
                saver.restore(session, path)
            except tf.errors.NotFoundError as error:
                raise ValueError(f"Could not load all requested variables from checkpoint {path}: in mode {mode!r} model_fn makes some "
                                 f"that training did not save.\n\n{error}") from error
            if spec.train_op is not None:
                tf.add_to_collection("saved_model_train_op", spec.train_op)
            keep = {"tags": [_TAGS[mode]], "signature_def_map": signatures, "main_op": main_op, "saver": saver,
                    "strip_default_attrs": strip, "assets_collection": tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS)}
            if first:
                builder.add_meta_graph_and_variables(session, **keep)
            else:
                builder.add_meta_graph(**keep)


def signatures_of(receiver: Any, spec: Any, mode: str = ModeKeys.PREDICT) -> dict[str, Any]:
    """{name: SignatureDef} of a model's outputs, for the receiver's tensors and for each alternative. What does not fit is left out."""
    if mode != ModeKeys.PREDICT:
        return {_TAGS[mode]: _supervised(receiver, spec, mode)}
    found, left_out = {}, {}
    groups = [("", receiver.receiver_tensors), *(receiver.receiver_tensors_alternatives or {}).items()]
    for alternative, tensors in groups:
        tensors = tensors if isinstance(tensors, dict) else {RECEIVER: tensors}
        for key, output in with_default(spec.export_outputs, spec.predictions).items():
            name = f"{alternative}:{key}" if alternative else str(key)
            try:
                signature = output.as_signature_def(tensors)
            except ValueError as error:
                left_out[name] = str(error)
                continue
            if tf.saved_model.signature_def_utils.is_valid_signature(signature):
                found[name] = signature
    _report(found, left_out)
    return found


def _supervised(receiver: Any, spec: Any, mode: str) -> Any:
    """The signature of a training or evaluation graph: loss, predictions, values and updates of metrics."""
    outputs: dict[str, Any] = {"loss": spec.loss}
    predictions = spec.predictions if isinstance(spec.predictions, dict) else {"predictions": spec.predictions}
    outputs.update({name if name.startswith("predictions") else f"predictions/{name}": value for name, value in predictions.items()})
    for name, (value, update) in spec.eval_metric_ops.items():
        key = name if name.startswith("metrics") else f"metrics/{name}"
        if isinstance(update, tf.Operation):
            with tf.control_dependencies([update]):
                update = tf.constant([], tf.float32, name="metric_op_wrapper")
        outputs.update({f"{key}/value": value, f"{key}/update_op": update})

    def infos(tensors: dict[str, Any]) -> dict[str, Any]:
        return {name: tf.saved_model.utils.build_tensor_info(tensor) for name, tensor in tensors.items()}
    method = f"tensorflow/supervised/{'training' if mode == ModeKeys.TRAIN else 'eval'}"
    return tf.saved_model.signature_def_utils.build_signature_def(infos(receiver.receiver_tensors), infos(outputs), method)


def _report(found: dict[str, Any], left_out: dict[str, str]) -> None:
    for method, shown in _FRIENDLY.items():
        names = [name for name, signature in found.items() if signature.method_name == method]
        tf.logging.info("Signatures INCLUDED in export for %s: %s", shown, names or "None")
    if left_out:
        tf.logging.info("Signatures EXCLUDED from export because they cannot be be served via TensorFlow Serving APIs:")
        for name, message in left_out.items():
            tf.logging.info("'%s' : %s", name, message)
    if not found:
        tf.logging.warning("Export includes no signatures!")
    elif tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY not in found:
        tf.logging.warning("Export includes no default signature!")
