"""The page with its first picture's data inside, so that it need not ask for them.

A page asks for the list of runs and for the first view before it can draw; both are known here already, once the tree of
the graph is made. They go into `index.html` as a block of JSON that no browser runs. A page whose address names another
state asks for that one as ever.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from graphflow.viewer.library import Library
from graphflow.viewer.runs import RunStore

MOST_RUNS = 500  # with more, the page asks for the list
MARK = "<!-- first -->"


def document(page: str, store: RunStore, library: Library, routes: Any) -> bytes:
    """The page with {"runs", "view"}; the view is left out while its tree is still being made."""
    found: dict[str, Any] = {"runs": routes.log.runs({}), "view": None}
    graph = library.default()
    opened = library.at_hand(graph.id) if graph is not None else None
    if graph is not None and opened is not None:
        with contextlib.suppress(Exception):  # the page then asks for it, and shows what the matter is
            found["view"] = routes.view(graph.id, opened, {"first": ["1"]})
    if len(found["runs"]["runs"]) > MOST_RUNS:
        found["runs"] = None
    data = json.dumps(found, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        data = data.replace(letter, f"\\u{ord(letter):04x}")
    element = f'<script type="application/json" id="gf-first">{data}</script>'
    return page.replace(MARK, element, 1).encode()
