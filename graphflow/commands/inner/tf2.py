"""tensorflow.python.tf2."""


def enabled() -> bool:
    """False: programs run as on TensorFlow 1."""
    return False
