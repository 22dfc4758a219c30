"""What users give to fit, evaluate and predict, as lists of arrays in the order of a model's inputs and outputs."""
from __future__ import annotations

from typing import Any

import numpy as np


def as_list(data: Any, names: list[str], what: str, shapes: Any = None, dtypes: Any = None) -> list[Any]:
    """One array for each name. data: an array, a list of them, or a dict by names. what: 'input' or 'target', for messages.

    shapes: static shapes (None: not checked). Vectors become columns. Raises ValueError where number or shapes do not fit.
    """
    if not names:
        if data is not None and _count(data):
            raise ValueError(f"Error when checking model {what}: expected no data, but got: {data}")
        return []
    if data is None:
        return [None] * len(names)
    if isinstance(data, dict):
        missing = [name for name in names if name not in data]
        if missing:
            raise ValueError(f'No data provided for "{missing[0]}". Need data for each key in: {names}')
        values = [data[name] for name in names]
    elif isinstance(data, (list, tuple)):
        if data and isinstance(data[0], (list, tuple)) and not hasattr(data[0], "shape"):
            values = [np.asarray(d) for d in data] if len(names) > 1 else [np.asarray(data)]
        elif len(names) == 1 and data and not hasattr(data[0], "shape"):
            values = [np.asarray(data)]
        else:
            values = list(data)
    else:
        values = [data]
    if len(values) != len(names):
        if values and hasattr(values[0], "shape"):
            raise ValueError(f"Error when checking model {what}: the list of Numpy arrays that you are passing to your model is not the "
                             "size "
                             f"the model expected. Expected to see {len(names)} array(s), for inputs {names} but instead got the following "
                             f"list of {len(values)} arrays: {str(values)[:200]}...")
        raise ValueError(f"Error when checking model {what}: data should be a list of {len(names)} arrays, but got {str(data)[:200]}")
    arrays = [_column(np.asarray(v) if not hasattr(v, "shape") else _dense(v)) for v in values]
    for name, array, shape in zip(names, arrays, shapes or [None] * len(names)):
        if shape is not None:
            _check(name, array, shape, what)
    return [_cast(a, d) for a, d in zip(arrays, dtypes or [None] * len(names))]


def _count(data: Any) -> int:
    return len(data) if hasattr(data, "__len__") else 1


def _dense(value: Any) -> Any:
    if hasattr(value, "toarray"):        # scipy's sparse matrices
        return value.toarray()
    if hasattr(value, "to_numpy"):       # frames and series of pandas
        return value.to_numpy()
    return np.asarray(value)


def _column(array: Any) -> Any:
    return array[:, None] if array.ndim == 1 else array


def _cast(array: Any, dtype: Any) -> Any:
    """Arrays of other floats or integers in the placeholder's dtype, once and not in each batch."""
    if dtype is None or array.dtype == dtype or array.dtype.kind not in "fiub" or np.dtype(dtype).kind not in "fiub":
        return array
    return array.astype(dtype)


def _check(name: str, array: Any, shape: Any, what: str) -> None:
    if array.ndim != len(shape):
        raise ValueError(f"Error when checking {what}: expected {name} to have {len(shape)} dimensions, but got array with shape "
                         f"{array.shape}")
    for size, wanted in list(zip(array.shape, shape))[1:]:
        if wanted is not None and wanted != size:
            raise ValueError(f"Error when checking {what}: expected {name} to have shape {tuple(shape[1:])} but got array with shape "
                             f"{array.shape[1:]}")


def same_length(inputs: list[Any], targets: list[Any], weights: list[Any]) -> None:
    """ValueError where inputs, targets and weights differ in their numbers of samples."""
    def lengths(arrays: list[Any]) -> list[int]:
        return sorted({len(a) for a in arrays if a is not None})
    x, y, w = lengths(inputs), lengths(targets), lengths(weights)
    if len(x) > 1:
        raise ValueError(f"All input arrays (x) should have the same number of samples. Got array shapes: {[a.shape for a in inputs]}")
    if len(y) > 1:
        raise ValueError(f"All target arrays (y) should have the same number of samples. Got array shapes: {[a.shape for a in targets]}")
    if x and y and x != y:
        raise ValueError(f"Input arrays should have the same number of samples as target arrays. Found {x[0]} input samples and {y[0]} "
                         "target "
                         "samples.")
    if w and y and w != y:
        raise ValueError(f"Sample_weight arrays should have the same number of samples as target arrays. Found {y[0]} input samples and "
                         f"{w[0]} target samples.")


def weights_of(data: Any, names: list[str], what: str) -> list[Any]:
    """One entry (array, dict of classes, or None) for each output."""
    if data is None or isinstance(data, (list, dict, tuple)) and len(data) == 0:
        return [None] * len(names)
    if len(names) == 1:
        if isinstance(data, (list, tuple)) and len(data) == 1 and not np.isscalar(data[0]):
            return [data[0]]
        if isinstance(data, dict) and names[0] in data:
            return [data[names[0]]]
        return [data]
    if isinstance(data, (list, tuple)):
        if len(data) != len(names):
            raise ValueError(f"Provided `{what}` was a list of {len(data)} elements, but the model has {len(names)} outputs. You should "
                             f"provide one `{what}` array per model output.")
        return list(data)
    if isinstance(data, dict):
        unknown = [key for key in data if key not in names]
        if unknown:
            raise ValueError(f"Unknown entries in {what} dictionary: {unknown}. Only expected following keys: {names}")
        return [data.get(name) for name in names]
    raise TypeError(f"The model has multiple outputs, so `{what}` should be either a list or a dict. Provided `{what}` type not "
                    "understood: "
                    f"{data}")


def weights_for(y: Any, sample_weight: Any, class_weight: Any, mode: str | None) -> Any:
    """The weights of samples, from those given and those of their classes; None where none are given."""
    if sample_weight is not None:
        sample_weight = np.asarray(sample_weight)
        if mode == "temporal":
            if sample_weight.ndim < 2 or y is not None and sample_weight.shape[:2] != y.shape[:2]:
                raise ValueError(f"Found a sample_weight array with shape {sample_weight.shape}. Timestep-wise sample weighting requires "
                                 "arrays "
                                 "[samples, timesteps].")
        elif sample_weight.ndim > 1:
            if sample_weight.shape[1:] not in ((1,),) and y is not None and sample_weight.shape != y.shape[:sample_weight.ndim]:
                raise ValueError(f"Found a sample_weight array with shape {sample_weight.shape}. In order to use timestep-wise sample "
                                 "weights, you should specify sample_weight_mode=\"temporal\" in compile(); found "
                                 f"\"{mode}\" instead.")
    if class_weight is None or y is None:
        return sample_weight
    if y.ndim > 2:
        raise ValueError("`class_weight` not supported for 3+ dimensional targets.")
    classes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
    missing = sorted({int(c) for c in classes} - {int(k) for k in class_weight})
    if missing:
        raise ValueError(f"`class_weight` must contain all classes in the data. The classes {set(missing)} exist in the data but not in "
                         "`class_weight`.")
    found = np.asarray([class_weight[int(c)] for c in classes])
    return found if sample_weight is None else found * sample_weight


def split(arrays: list[Any], at: int) -> tuple[list[Any], list[Any]]:
    """The first `at` samples of each, and the others."""
    return [None if a is None else a[:at] for a in arrays], [None if a is None else a[at:] for a in arrays]


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """(start, end) of each batch."""
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]
