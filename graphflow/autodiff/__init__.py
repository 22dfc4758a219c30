"""Gradients: walks a graph backwards and calls each op's `grad`."""
