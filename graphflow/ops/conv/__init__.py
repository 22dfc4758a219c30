"""Convolution, pooling and moving space into channels."""
