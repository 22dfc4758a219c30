"""The code of a function as text and back."""
from __future__ import annotations

import binascii
import builtins
import codecs
import marshal
import sys
import types
from typing import Any


def func_dump(function: Any) -> tuple[str, Any, Any]:
    """(code in base64, defaults, values of its closure)."""
    code = codecs.encode(marshal.dumps(function.__code__), "base64").decode("ascii")
    closure = tuple(cell.cell_contents for cell in function.__closure__) if function.__closure__ else None
    return code, function.__defaults__, closure


def func_load(dumped: Any, names: Any = None) -> Any:
    """The function of what func_dump gave. names: its globals where the program's main module lacks them."""
    code, defaults, closure = dumped if isinstance(dumped, (tuple, list)) else (dumped, None, None)
    try:
        raw = codecs.decode(code.encode("ascii"), "base64")
        body = marshal.loads(raw)
    except (UnicodeEncodeError, binascii.Error, EOFError, ValueError, TypeError) as error:
        raise ValueError("the code of this function was written by another version of Python: define it again, and load the model by "
                         "custom_objects or from its weights") from error
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    main = vars(sys.modules["__main__"])
    known = {"__builtins__": builtins, **(names or {}), **main}
    return types.FunctionType(body, known, body.co_name, tuple(defaults) if defaults else None, cells)
