"""What notebooks call of IPython's shell in a run without one: `display`, `get_ipython`; plots become files."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def display(*values: Any, **kwargs: Any) -> None:
    """Prints the values."""
    for value in values:
        if value is not None:
            print(value if isinstance(value, str) else repr(value))


class Shell:
    """get_ipython(): magics do nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def get_ipython() -> Shell:
    """The shell of a notebook, whose magics do nothing here."""
    return Shell()


class Plots:
    """Writes the figures that a notebook shows to files: NAME-1.png, NAME-2.png, ..."""

    def __init__(self, stem: str) -> None:
        self.stem, self.count = stem, 0

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """plt.show(): saves all open figures and closes them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot else ():
            self.count += 1
            path = Path(f"{self.stem}-{self.count}.png")
            pyplot.figure(number).savefig(path)    # type: ignore[union-attr]
            pyplot.close(number)    # type: ignore[union-attr]
            print(f"[figure: {path}]")
