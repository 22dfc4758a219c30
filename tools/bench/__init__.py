"""Benchmarks: graphflow beside TensorFlow and hand-written numpy.

    python -m tools.bench --help
"""
