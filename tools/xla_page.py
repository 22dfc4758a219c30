"""Writes docs/xla.md: how to use the xla engine, and which operations it leaves to the host, by the plans of the op database's rows.

    python tools/xla_page.py        needs JAX; run it after adding rows or primitives
"""
from __future__ import annotations

import sys
import textwrap
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "xla.md"
START = "## What runs on the host\n"


def reason(node: Any) -> str:
    """Why a node is not part of compiled code; "" for one that is, "callback" for one that compiled code calls back for."""
    from graphflow.plan.kernels import KERNELS
    from graphflow.runtime.engines.xla import trace
    from graphflow.runtime.engines.xla.kernels import FUNCTIONS
    from graphflow.runtime.engines.xla.lists import function
    from graphflow.runtime.engines.xla.values import on_device
    if trace.traceable(node):
        call = node.prim == "call" and function(node) is None and not trace.is_assertion(node)
        return "callback" if call or (node.prim in KERNELS and node.prim not in FUNCTIONS) else ""
    results = getattr(node.par, "results", [(node.shape, node.dtype)])
    dtypes = [*(a.dtype for a in node.args if hasattr(a, "dtype")), *(dtype for _, dtype in results)]
    if node.prim == "call" and node.par.op_def.stateful:
        return "stateful"
    if not all(map(on_device, dtypes)):
        return "objects"
    if any(getattr(a, "shape", ()) is None for a in node.args):
        return ""                                # it only follows one whose shape is not known
    return "shapes" if any(shape is None for shape, _ in results) else "values"


def found() -> dict[str, dict[str, set[str]]]:
    """{reason: {op type of the node: primitives}} over the first sample of every row, at its first dtype."""
    import graphflow as tf
    from tests import opdb
    from tests.opdb._run import Built
    rows: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row, dtype in opdb.cases():
        if dtype != row.dtypes[0]:
            continue
        built = Built(row, next(iter(row.cases(dtype))))
        if not built.outputs:
            continue
        with tf.Session(graph=built.graph, config=tf.ConfigProto(engine="numpy")) as session:
            try:
                plan = session.explain(built.outputs, built.feeds, stages=True)[0][1]
            except tf.errors.OpError:            # of a row whose variables have no value yet
                continue
        for node in plan.nodes:
            if node.prim != "item" and (why := reason(node)):
                kind = type(node.par.op_def).__name__ if node.prim == "call" else node.source.type if node.source is not None else node.prim
                rows[why][kind].add(node.prim)
    return rows


TITLES = {
    "callback": "These are called back from compiled code, with numpy arrays: they are right everywhere, and slow on a GPU.",
    "shapes": "The shapes of these results depend on values, so that they and what follows run on the host, after the rest; where a "
              "variable gets a\nvalue of that, the whole plan runs on the numpy engine.",
    "objects": "These take or give strings and other values that no device holds. They too run after the rest of their plan, or the whole "
               "plan runs on the\nnumpy engine.",
    "stateful": "These keep a state on the host, wait, print or read files; the plan (between two waits) runs on the numpy engine.",
    "values": "These look at values to know whether they fit (slices from places that are fed); the plan runs on the numpy engine."}


def page(text: str) -> str:
    head = text[:text.index(START)] + START + "\nWritten by `tools/xla_page.py` from the plans of the op database's rows.\n"
    rows = found()
    for why, title in TITLES.items():
        if rows.get(why):
            names = ", ".join(f"`{name}`" for name in sorted(rows[why]))
            head += f"\n{title}\n\n" + textwrap.fill(names, 140) + "\n"
    return head


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
