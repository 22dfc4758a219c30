"""Elementwise ops: arithmetic, comparison, casts, complex and special functions."""
