"""tf.estimator: training, evaluation and prediction of a model that a function describes. Names are resolved on first touch.

Written on the public API, as a program would be. `estimator.py` has the class; `receivers.py`, `outputs.py` and `exporting.py` write
SavedModels; `training.py` is train_and_evaluate; `heads` and `canned` hold the models that come ready.
"""
from .._public.namespace import resolver

__getattr__, __dir__ = resolver("estimator")
