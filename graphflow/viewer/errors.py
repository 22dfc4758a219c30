"""The one error the viewer raises for input it cannot use; its text is a whole sentence for a person."""

from __future__ import annotations


class ViewerError(Exception):
    """A file or request cannot be shown; the message names it, says why, and what to do."""
