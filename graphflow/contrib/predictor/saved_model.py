"""tf.contrib.predictor.from_saved_model: a function of a SavedModel's signature."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


class SavedModelPredictor:
    """predictor({input name: array}) gives {output name: array}; `graph`, `session`, `feed_tensors`, `fetch_tensors` are there to see."""

    def __init__(self, export_dir: str, signature_def_key: str | None, signature_def: Any, input_names: Any, output_names: Any, tags: Any,
                 graph: Any, config: Any):
        chosen = [signature_def_key is not None, signature_def is not None, input_names is not None or output_names is not None]
        if sum(chosen) > 1:
            raise ValueError("You must specify at most one of signature_def_key OR signature_def OR both input_names AND output_names.")
        if (input_names is None) != (output_names is None):
            raise ValueError("input_names and output_names must both be specified or both be unspecified.")
        self.graph = graph or tf.Graph()
        with self.graph.as_default():
            self.session = tf.Session(config=config)
            wanted = tags.split(",") if isinstance(tags, str) else list(tags or [tf.saved_model.tag_constants.SERVING])
            meta = tf.saved_model.loader.load(self.session, wanted, export_dir)
        if input_names is None:
            key = signature_def_key or tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
            if signature_def is None and key not in meta.signature_def:
                raise ValueError(f"Got signature_def_key {key!r}. Available signatures are {sorted(meta.signature_def)}.")
            found = meta.signature_def[key] if signature_def is None else signature_def
            input_names = {name: info.name for name, info in found.inputs.items()}
            output_names = {name: info.name for name, info in found.outputs.items()}
        self.feed_tensors = {name: self.graph.get_tensor_by_name(tensor) for name, tensor in input_names.items()}
        self.fetch_tensors = {name: self.graph.get_tensor_by_name(tensor) for name, tensor in output_names.items()}

    def __call__(self, input_dict: dict[str, Any]) -> dict[str, Any]:
        """The outputs; ValueError for inputs of other names."""
        unknown = set(input_dict) - set(self.feed_tensors)
        if unknown:
            raise ValueError(f"Got unexpected keys in input_dict: {sorted(unknown)}, expected: {sorted(self.feed_tensors)}")
        return self.session.run(self.fetch_tensors, {self.feed_tensors[name]: value for name, value in input_dict.items()})


@export("contrib.predictor.from_saved_model")
def from_saved_model(export_dir: str, signature_def_key: str | None = None, signature_def: Any = None, input_names: Any = None,
                     output_names: Any = None, tags: Any = None, graph: Any = None, config: Any = None) -> SavedModelPredictor:
    """A function of {input name: array} that runs a SavedModel; by default its signature 'serving_default' and the tag 'serve'.

    input_names, output_names: {name: name of a tensor} in place of a signature. Raises ValueError for both at once.
    """
    return SavedModelPredictor(export_dir, signature_def_key, signature_def, input_names, output_names, tags, graph, config)
