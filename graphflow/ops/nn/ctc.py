"""Connectionist temporal classification: the names exist and say what is missing."""
from __future__ import annotations

from typing import Any, NoReturn

from ...core.export import export


def _missing(name: str, instead: str) -> NoReturn:
    raise NotImplementedError(f"tf.nn.{name} is not implemented in graphflow yet; {instead}")


@export("nn.ctc_loss")
def ctc_loss(labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
             ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True,
             logits: Any = None) -> Any:
    """Raises NotImplementedError."""
    _missing("ctc_loss", "compute the loss with another library inside tf.py_func")


@export("nn.ctc_greedy_decoder")
def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: Any = None) -> Any:
    """Raises NotImplementedError."""
    _missing("ctc_greedy_decoder", "take tf.argmax(inputs, 2) and drop repeats and blanks in numpy")


@export("nn.ctc_beam_search_decoder")
def ctc_beam_search_decoder(inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1,
                            merge_repeated: bool = True) -> Any:
    """Raises NotImplementedError."""
    _missing("ctc_beam_search_decoder", "decode the fetched inputs in numpy")
