"""Which ops are put aside, and why: they matter, but drawn among the others they hide what the graph computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphflow.viewer.graph_scan import Scan

Matcher = Callable[["set[str] | Callable[[str], bool]"], np.ndarray]       # a flag per node for a set of ops, or a test

CODES = ["", "noop", "saver", "summary", "init", "constant", "user"]
REASONS = {
    "noop": "It computes nothing; it only waits for other operations.",
    "saver": "It saves or restores checkpoints.",
    "summary": "It writes a summary for the event log.",
    "init": "It gives variables their first value.",
    "constant": "So many operations read it that its lines would cover the picture.",
    "user": "You pulled it out.",
}
NOOP, SAVER, SUMMARY, INIT, CONSTANT, USER = range(1, 7)
SAVER_OPS = {
    "SaveV2",
    "RestoreV2",
    "Save",
    "Restore",
    "SaveSlices",
    "RestoreSlice",
    "ShardedFilename",
    "ShardedFilespec",
    "MergeV2Checkpoints",
}
SAVER_SCOPE_OPS = SAVER_OPS | {
    "Const",
    "Identity",
    "Assign",
    "AssignVariableOp",
    "NoOp",
    "StringJoin",
    "Pack",
    "ExpandDims",
    "ConcatV2",
    "Placeholder",
    "PlaceholderWithDefault",
    "ReadVariableOp",
    "DisableCopyOnRead",
}
VARIABLES = {"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable", "TemporaryVariable"}
STAYS = VARIABLES | {
    "Placeholder",
    "PlaceholderV2",
    "PlaceholderWithDefault",
    "_Arg",
    "IteratorV2",
    "IteratorGetNext",
    "OneShotIterator",
}
CHECKS = {"VarIsInitializedOp", "IsVariableInitialized", "ReportUninitializedVariables"}
MANY = 10  # readers that make a constant one of high degree


def find_aside(scan: Scan) -> np.ndarray:
    """A code per node (index into CODES, 0 = drawn among the others)."""
    n = len(scan.names)
    code = np.zeros(n, np.uint8)
    if not n:
        return code
    is_op = _matcher(scan)
    code[is_op({"NoOp", "ControlTrigger"})] = NOOP
    code[is_op(CHECKS)] = INIT
    code[is_op(lambda op: op.endswith(("Summary", "SummaryV2")) or op == "WriteSummary")] = SUMMARY
    _savers(scan, is_op, code)
    _initializers(scan, is_op, code)
    _wide_constants(scan, is_op, code)
    if code.all() or (code == 0).sum() * 50 < n:  # all that the graph has: then it is what people came to see
        code[:] = 0
    return code


def _matcher(scan: Scan) -> Matcher:
    def matches(test: set[str] | Callable[[str], bool]) -> np.ndarray:
        wanted = [test(op) if callable(test) else op in test for op in scan.ops]
        return np.array(wanted, bool)[scan.op]

    return matches


def _savers(scan: Scan, is_op: Matcher, code: np.ndarray) -> None:
    """The saver's own ops, and all of the scope around them when that holds nothing else."""
    saver = np.flatnonzero(is_op(SAVER_OPS))
    code[saver] = SAVER
    usual = is_op(SAVER_SCOPE_OPS)
    for prefix in sorted({scan.names[i].rpartition(b"/")[0] + b"/" for i in saver.tolist()} - {b"/"})[:100]:
        inside = [i for i, name in enumerate(scan.names) if name.startswith(prefix)]
        if usual[inside].all():
            code[inside] = SAVER


def _initializers(scan: Scan, is_op: Matcher, code: np.ndarray) -> None:
    """`w/Assign` and what serves only it; tags of summaries the same way."""
    for i in np.flatnonzero(is_op({"Assign", "AssignVariableOp"}) & (code == 0)).tolist():
        if scan.names[i].rpartition(b"/")[2].startswith((b"Assign_", b"AssignVariableOp")) or scan.names[i].endswith(b"/Assign"):
            code[i] = INIT
    fixed = is_op(STAYS)
    constant = is_op({"Const"})
    src, dst = scan.src, scan.dst
    for _ in range(60):
        # an op goes aside with its readers when all of them did, for one reason
        readers = np.bincount(src, minlength=len(code))
        free = (code == 0) & ~fixed & (readers > 0)
        before = free.sum()
        for why, who in ((INIT, free), (SUMMARY, free & constant), (SAVER, free & constant)):
            served = np.bincount(src[code[dst] == why], minlength=len(code))
            code[who & (served == readers)] = why
        if ((code == 0) & ~fixed & (readers > 0)).sum() == before:
            break
    no_ops = code == NOOP
    if no_ops.any():  # a NoOp that waits for initial values only is one of them
        waits = np.bincount(dst, minlength=len(code))
        for why in (INIT, SAVER):
            code[no_ops & (waits > 0) & (np.bincount(dst[code[src] == why], minlength=len(code)) == waits)] = why


def _wide_constants(scan: Scan, is_op: Matcher, code: np.ndarray) -> None:
    """Constants with many readers, unless they are what the graph hangs on."""
    readers = np.bincount(scan.src, minlength=len(code))
    wide = is_op({"Const"}) & (readers >= MANY) & (code == 0)
    if readers[wide].sum() * 3 < len(scan.src):
        code[wide] = CONSTANT
