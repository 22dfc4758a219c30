"""tf.estimator.export: what a model gives to those who serve it, each a kind of signature of a SavedModel."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..core.export import export


@export("estimator.export.ExportOutput")
class ExportOutput:
    """Base of outputs: `as_signature_def(receiver_tensors)` gives their signature."""

    def as_signature_def(self, receiver_tensors: dict[str, Any]) -> Any:
        """The SignatureDef from the tensors that are fed to the outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define as_signature_def(receiver_tensors)")


def _only_string(receiver_tensors: dict[str, Any], what: str) -> Any:
    """The one string tensor that examples are fed to."""
    if len(receiver_tensors) == 1:
        (tensor,) = receiver_tensors.values()
        if tensor.dtype.base_dtype == tf.string:
            return tensor
    raise ValueError(f"{what} input must be a single string Tensor; got {receiver_tensors}")


@export("estimator.export.ClassificationOutput")
class ClassificationOutput(ExportOutput):
    """Classes of examples. scores: floating, [batch, classes]; classes: strings, [batch, k] or [batch, classes]. One may be None."""

    def __init__(self, scores: Any = None, classes: Any = None):
        if scores is not None and not (isinstance(scores, tf.Tensor) and scores.dtype.is_floating):
            raise ValueError(f"Classification scores must be a float32 Tensor; got {scores}")
        if classes is not None and not (isinstance(classes, tf.Tensor) and classes.dtype == tf.string):
            raise ValueError(f"Classification classes must be a string Tensor; got {classes}")
        if scores is None and classes is None:
            raise ValueError("At least one of scores and classes must be set.")
        self._scores, self._classes = scores, classes

    scores = property(lambda self: self._scores)
    classes = property(lambda self: self._classes)

    def as_signature_def(self, receiver_tensors: dict[str, Any]) -> Any:
        """The signature of tensorflow/serving/classify; ValueError unless one string tensor is fed."""
        examples = _only_string(receiver_tensors, "Classification")
        return tf.saved_model.signature_def_utils.classification_signature_def(examples, self._classes, self._scores)


@export("estimator.export.RegressionOutput")
class RegressionOutput(ExportOutput):
    """Numbers for examples. value: floating, [batch] or [batch, 1]."""

    def __init__(self, value: Any):
        if not (isinstance(value, tf.Tensor) and value.dtype.is_floating):
            raise ValueError(f"Regression output value must be a float32 Tensor; got {value}")
        self._value = value

    value = property(lambda self: self._value)

    def as_signature_def(self, receiver_tensors: dict[str, Any]) -> Any:
        """The signature of tensorflow/serving/regress; ValueError unless one string tensor is fed."""
        return tf.saved_model.signature_def_utils.regression_signature_def(_only_string(receiver_tensors, "Regression"), self._value)


@export("estimator.export.PredictOutput")
class PredictOutput(ExportOutput):
    """Any tensors: {name: tensor}, or one, which is then named 'output'. A tuple as name is joined by slashes."""

    def __init__(self, outputs: Any):
        found: dict[str, Any] = {}
        for key, value in (outputs if isinstance(outputs, dict) else {"output": outputs}).items():
            name = "/".join(key) if isinstance(key, tuple) else key
            if not isinstance(name, str):
                raise ValueError(f"Prediction output key must be a string; got {name}.")
            if not isinstance(value, tf.Tensor):
                raise ValueError(f"Prediction output value must be a Tensor; got {value}.")
            found[name] = value
        self._outputs = found

    outputs = property(lambda self: self._outputs)

    def as_signature_def(self, receiver_tensors: dict[str, Any]) -> Any:
        """The signature of tensorflow/serving/predict."""
        return tf.saved_model.signature_def_utils.predict_signature_def(receiver_tensors, self._outputs)


def with_default(export_outputs: Any, predictions: Any) -> dict[str, ExportOutput]:
    """Export outputs by signature name, one of them the default; of the predictions where none are given. Raises as EstimatorSpec does."""
    default = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
    if export_outputs is None:
        return {default: PredictOutput(predictions)}
    if not isinstance(export_outputs, dict):
        raise TypeError(f"export_outputs must be dict, given: {export_outputs}")
    for name, output in export_outputs.items():
        if not isinstance(output, ExportOutput):
            raise TypeError("Values in export_outputs must be ExportOutput objects, e.g. tf.estimator.export.PredictOutput. "
                            f"Given: {output} for {name!r}")
    if len(export_outputs) == 1:
        (only,) = export_outputs.values()
        return {**export_outputs, default: only}
    if default not in export_outputs:
        raise ValueError(f"Multiple export_outputs were provided, but none of them is specified as the default.  Do this by naming one of "
                         f"them with signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY ({default!r}): got {sorted(export_outputs)}")
    return export_outputs
