"""Models for other homes: a plan as a Python file that needs numpy only.

model.py      a file or session as a graph with values, inputs and outputs
planned.py    what a session would run for it
sizes.py      sizes that are known only when the model runs, as expressions; found by planning for several sizes
general.py    one plan for all sizes, made of plans for some
python_*.py   the Python file: its lines, the functions it takes along, names
"""
from .model import Model, read_model, session_model
from .python_file import write_python

__all__ = ["Model", "read_model", "session_model", "write_python"]
