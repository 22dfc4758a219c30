"""A picture without the groups that the viewer infers: stages, series, fans give way to what is in them, where that is not too much.

static/offline/view.js does the same for pages without a server; a test holds both equal.
"""

from __future__ import annotations

from graphflow.viewer.graph_tree import BLOCK, SERIES, GraphTree

FLAT = 400  # boxes that a level may have without its inferred groups
INFERRED = (BLOCK, SERIES)


def inferred_groups(tree: GraphTree, root: int, expanded: set[int]) -> set[int]:
    """The inferred groups on screen that are replaced by what is in them: all of a level, or none where that would be too much."""
    found: set[int] = set()
    for level in [root, *(group for group in expanded if tree.kind[group] not in INFERRED)]:
        here, count = [], 0
        at, end = level + 1, int(tree.end[level])
        while at < end and count <= FLAT:
            if tree.kind[at] in INFERRED and not tree.aside[at]:
                here.append(at)
                at += 1
            else:
                count += 1
                at = int(tree.end[at])
        if count <= FLAT:
            found.update(here)
    return found
