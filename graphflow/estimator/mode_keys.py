"""The modes of a model function."""
from __future__ import annotations

from ..core.export import export


@export("estimator.ModeKeys")
class ModeKeys:
    """What a model function is called for: TRAIN 'train', EVAL 'eval', PREDICT 'infer'."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"
