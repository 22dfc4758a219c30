"""IPython and IPython.display where they are not installed: what notebooks use of them, for a run without a browser."""
from __future__ import annotations

import sys
from typing import Any

from graphflow.commands.old_libraries.shell import display as display
from graphflow.commands.old_libraries.shell import get_ipython as get_ipython


class Shown:
    """Image, HTML, Markdown, ...: kept, and told by its kind only."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Image(Shown):
    """A picture."""


class HTML(Shown):
    """A piece of a page."""


class Markdown(Shown):
    """A text."""


class Audio(Shown):
    """A sound."""


class SVG(Shown):
    """A drawing."""


class Javascript(Shown):
    """A program for the page."""


class Latex(Shown):
    """A formula."""


Math = Latex


def clear_output(wait: bool = False) -> None:
    """Does nothing: what was printed stays."""


def embed(*args: Any, **kwargs: Any) -> None:
    """Does nothing: there is nobody to type."""
    print("IPython.embed() is left out of a run", file=sys.stderr)
