"""Logs of a training run: event files that TensorBoard and the viewer read, and the messages in them."""
