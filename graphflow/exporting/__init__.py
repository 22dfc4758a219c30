"""Models for other homes: a plan as a Python file that needs numpy only, as ONNX, as StableHLO.

model.py      a file or session as a graph with values, inputs and outputs
planned.py    what a session would run for it
sizes.py      sizes that are known only when the model runs, as expressions; found by planning for several sizes
general.py    one plan for all sizes, made of plans for some
python_*.py   the Python file: its lines, the functions it takes along, names
onnx_*.py     ONNX: the graph, the table of primitives, lists of tensors; needs the package onnx
stablehlo.py  the xla engine's function, exported by JAX; needs JAX
"""
from .model import Model, read_model, session_model
from .python_file import write_python

__all__ = ["Model", "read_model", "session_model", "write_python"]
