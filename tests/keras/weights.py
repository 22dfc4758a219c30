"""Weights and data that both sides can make: from numpy's generators, by seed."""
import numpy as np


def fill(model, seed=0, scale=0.5):
    """Gives all weights of a model (or layer) random values; those that are variances positive ones."""
    random = np.random.RandomState(seed)
    names = [w.name for w in model.weights]
    values = [np.asarray(random.randn(*w.shape.as_list()) * scale) for w in model.weights]
    model.set_weights([np.abs(v) + 0.5 if "variance" in n else v for n, v in zip(names, values)])
    return model


def data(*shape, seed=0):
    """float32 normal numbers."""
    return np.random.RandomState(seed).randn(*shape).astype("float32")


def labels(count, classes, seed=0):
    """int64 numbers of classes."""
    return np.random.RandomState(seed).randint(0, classes, count)
