"""tensorflow.python.tools.inspect_checkpoint."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf


def print_tensors_in_checkpoint_file(file_name: str, tensor_name: str | None, all_tensors: bool, all_tensor_names: bool = False,
                                     count_exclude_pattern: str = "") -> None:
    """Prints one tensor of a checkpoint (`tensor_name`), all with their values (`all_tensors`), their names, or a list of what it holds."""
    reader = tf.train.NewCheckpointReader(file_name)
    types = reader.get_variable_to_dtype_map()
    if all_tensors or all_tensor_names:
        for key in sorted(types):
            print("tensor_name: ", key)
            if all_tensors:
                print(reader.get_tensor(key))
    elif tensor_name:
        print("tensor_name: ", tensor_name)
        print(reader.get_tensor(tensor_name))
    else:
        for key, shape in sorted(reader.get_variable_to_shape_map().items()):
            print(f"{key} (DT_{types[key].name.upper()}) {shape}")


def parse_numpy_printoption(kv_str: str) -> None:
    """Sets one of numpy's printing options from 'name=value'."""
    name, _, text = kv_str.partition("=")
    options: dict[str, Any] = {**np.get_printoptions()}
    if name not in options:
        raise ValueError(f"Error setting option {name}: numpy has no such printing option, only {', '.join(sorted(options))}")
    np.set_printoptions(**{name: type(options[name])(text)})
