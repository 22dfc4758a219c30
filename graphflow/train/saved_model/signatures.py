"""Signatures of SavedModels: which tensors go in and come out, under which names."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.core import context
from graphflow.core.dtypes import string
from graphflow.core.export import export
from graphflow.core.values import SparseTensor
from graphflow.formats import proto
from graphflow.graphdef.attributes import shape_message, tensor_message
from graphflow.train.saved_model import constants


@export("saved_model.build_tensor_info", "saved_model.utils.build_tensor_info")
def build_tensor_info(tensor: Any) -> Any:
    """The TensorInfo of a tensor or SparseTensor: name, dtype, shape."""
    if isinstance(tensor, SparseTensor):
        info = proto.TensorInfo(dtype=tensor.dtype.base_dtype.number, tensor_shape=shape_message(tensor.get_shape()))
        info.coo_sparse.values_tensor_name = tensor.values.name
        info.coo_sparse.indices_tensor_name = tensor.indices.name
        info.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
        return info
    tensor = context.default_graph().as_graph_element(tensor, allow_operation=False)
    return proto.TensorInfo(name=tensor.name, dtype=tensor.dtype.base_dtype.number, tensor_shape=shape_message(tensor.static))


@export("saved_model.get_tensor_from_tensor_info", "saved_model.utils.get_tensor_from_tensor_info")
def get_tensor_from_tensor_info(tensor_info: Any, graph: Any = None, import_scope: str | None = None) -> Any:
    """The tensor or SparseTensor that a TensorInfo names. KeyError where the graph lacks it, ValueError for another encoding."""
    graph = graph or context.default_graph()

    def tensor(name: str) -> Any:
        return graph.get_tensor_by_name(f"{import_scope}/{name}" if import_scope else name)

    encoding = tensor_info.WhichOneof("encoding")
    if encoding == "name":
        return tensor(tensor_info.name)
    if encoding == "coo_sparse":
        sparse = tensor_info.coo_sparse
        return SparseTensor(tensor(sparse.indices_tensor_name), tensor(sparse.values_tensor_name), tensor(sparse.dense_shape_tensor_name))
    raise ValueError(f"Invalid TensorInfo.encoding: {encoding}. Expected `coo_sparse` or `name`.")


@export("saved_model.build_signature_def", "saved_model.signature_def_utils.build_signature_def")
def build_signature_def(inputs: Any = None, outputs: Any = None, method_name: str | None = None, defaults: Any = None) -> Any:
    """The SignatureDef of {name: TensorInfo} dicts. defaults: {input name: value for it if none is given}."""
    signature = proto.SignatureDef(method_name=method_name or "")
    for infos, target in ((inputs, signature.inputs), (outputs, signature.outputs)):
        for key, info in (infos or {}).items():
            target[key].CopyFrom(info)
    for key, value in (defaults or {}).items():
        signature.defaults[key].CopyFrom(tensor_message(value if hasattr(value, "tensor_shape") else np.asarray(value)))
    return signature


@export("saved_model.predict_signature_def", "saved_model.signature_def_utils.predict_signature_def")
def predict_signature_def(inputs: Any, outputs: Any) -> Any:
    """The signature of a prediction, of {name: tensor} dicts."""
    return build_signature_def(_infos(inputs, "inputs"), _infos(outputs, "outputs"), constants.PREDICT_METHOD_NAME)


def _infos(tensors: Any, what: str) -> dict[str, Any]:
    if not tensors:
        raise ValueError(f"Prediction {what} cannot be None or empty.")
    return {key: build_tensor_info(tensor) for key, tensor in tensors.items()}


@export("saved_model.regression_signature_def", "saved_model.signature_def_utils.regression_signature_def")
def regression_signature_def(examples: Any, predictions: Any) -> Any:
    """The signature of a regression: serialized examples (string) in, float32 out."""
    _require_string(examples, "Regression inputs")
    if predictions is None or predictions.dtype.base_dtype.name != "float32":
        raise ValueError(f"Regression output tensors must be of type float. Found tensor with type {getattr(predictions, 'dtype', None)}.")
    return build_signature_def(
        {constants.REGRESS_INPUTS: build_tensor_info(examples)},
        {constants.REGRESS_OUTPUTS: build_tensor_info(predictions)},
        constants.REGRESS_METHOD_NAME,
    )


@export("saved_model.classification_signature_def", "saved_model.signature_def_utils.classification_signature_def")
def classification_signature_def(examples: Any, classes: Any, scores: Any) -> Any:
    """The signature of a classification: serialized examples in; names of classes (string), scores (float32), or both, out."""
    _require_string(examples, "Classification inputs")
    if classes is None and scores is None:
        raise ValueError("Classification classes and scores cannot both be None.")
    outputs = {}
    if classes is not None:
        _require_string(classes, "Classification classes")
        outputs[constants.CLASSIFY_OUTPUT_CLASSES] = build_tensor_info(classes)
    if scores is not None:
        if scores.dtype.base_dtype.name != "float32":
            raise ValueError(f"Classification scores must be of type float. Found tensor with type {scores.dtype.name}.")
        outputs[constants.CLASSIFY_OUTPUT_SCORES] = build_tensor_info(scores)
    return build_signature_def({constants.CLASSIFY_INPUTS: build_tensor_info(examples)}, outputs, constants.CLASSIFY_METHOD_NAME)


def _require_string(tensor: Any, what: str) -> None:
    if tensor is None:
        raise ValueError(f"{what} cannot be None.")
    if tensor.dtype.base_dtype is not string:
        raise ValueError(f"{what} must be of type string. Found tensor with type {tensor.dtype.name}.")


@export("saved_model.is_valid_signature", "saved_model.signature_def_utils.is_valid_signature")
def is_valid_signature(signature_def: Any) -> bool:
    """Whether TensorFlow Serving can serve a signature: its method, and inputs and outputs of the right names and types."""
    if signature_def is None:
        return False
    inputs, outputs = set(signature_def.inputs), set(signature_def.outputs)
    if signature_def.method_name == constants.PREDICT_METHOD_NAME:
        return bool(inputs) and bool(outputs)
    if signature_def.method_name == constants.REGRESS_METHOD_NAME:
        return (inputs == {constants.REGRESS_INPUTS} and outputs == {constants.REGRESS_OUTPUTS}
                and signature_def.inputs[constants.REGRESS_INPUTS].dtype == 7
                and signature_def.outputs[constants.REGRESS_OUTPUTS].dtype == 1)  # fmt: skip
    if signature_def.method_name == constants.CLASSIFY_METHOD_NAME:
        types = {constants.CLASSIFY_OUTPUT_CLASSES: 7, constants.CLASSIFY_OUTPUT_SCORES: 1}
        return (inputs == {constants.CLASSIFY_INPUTS} and signature_def.inputs[constants.CLASSIFY_INPUTS].dtype == 7 and bool(outputs)
                and all(types.get(key) == signature_def.outputs[key].dtype for key in outputs))  # fmt: skip
    return False
