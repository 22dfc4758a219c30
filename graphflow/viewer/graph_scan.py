"""Finds the nodes of a serialized GraphDef: names, ops, devices and inputs, and where the rest of each node lies.

A million nodes must open in seconds, so the nodes are walked side by side with numpy: in each round the cursor of
every node reads one field and jumps over its value. Attributes are jumped over too; a card parses them later from
buf[start:end]. Nodes that do something unusual (long tags, groups, thousands of inputs) are finished one
by one by the plain reader.

    GraphDef  1 node*   2 library   4 versions   5 debug_info
    NodeDef   1 name    2 op        3 input*     4 device   5 attr*
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.function_homes import HOLDERS, homes

FEW = 48  # with fewer nodes than this left, finishing them one by one is quicker


@dataclass
class Scan:
    """Nodes and edges of a graph, in the order of the file.

    names: bytes per node. op, device: numbers into `ops`, `devices`. start, end: where the NodeDef's attributes lie in the file.
    src, dst: node numbers per edge; port: output number, -1 for a control edge; slot: position among dst's inputs.
    """

    buf: bytes
    names: list[bytes]
    op: np.ndarray
    ops: list[str]
    device: np.ndarray
    devices: list[str]
    start: np.ndarray
    end: np.ndarray
    src: np.ndarray
    dst: np.ndarray
    port: np.ndarray
    slot: np.ndarray
    functions: list[str] = field(default_factory=list)
    debug_info: tuple[int, int] | None = None
    producer: int = 0
    notes: list[str] = field(default_factory=list)


def scan(buf: bytes) -> Scan:
    """The Scan of a serialized GraphDef. ViewerError names the byte where it stops being one."""
    nodes, library, debug_info, producer = _top_level(buf)
    nodes_n = len(nodes)
    functions: list[str] = []
    arguments: list[tuple[int, bytes]] = []
    of = [-1] * nodes_n  # per node the number of its function
    for a, b in library:
        name, bodies, args = _function(buf, a, b)
        arguments += [(len(functions), arg) for arg in args]
        of += [len(functions)] * len(bodies)
        functions.append(name)
        nodes += bodies
    start = np.array([a for a, _ in nodes], np.int64)
    end = np.array([b for _, b in nodes], np.int64)
    found = _walk(buf, start, end)
    start = found["attr"][0]
    names = [buf[a:b] for a, b in zip(found["name"][0].tolist(), found["name"][1].tolist(), strict=True)]
    op, ops = _intern(buf, *found["op"])
    owner = [b""] * len(of)  # name prefix of each node: empty, or its function's
    if functions:
        held = np.flatnonzero(np.isin(op, [i for i, word in enumerate(ops) if word in HOLDERS]))
        prefixes = homes(buf, names, [(i, int(start[i]), int(end[i])) for i in held.tolist()], of, functions)
        owner = [prefixes[i] if i >= 0 else b"" for i in of]
        names = [prefix + name for prefix, name in zip(owner, names, strict=True)] + [prefixes[i] + arg for i, arg in arguments]
    extra = len(arguments)
    device, devices = _intern(buf, *found["device"])
    if extra:
        ops = [*ops, "_Arg"] if "_Arg" not in ops else ops
        op = np.append(op, np.full(extra, ops.index("_Arg"), np.int32))
        devices = devices or [""]
        device = np.append(device, np.zeros(extra, np.int32))
        start, end = np.append(start, np.zeros(extra, np.int64)), np.append(end, np.zeros(extra, np.int64))
    out = Scan(
        buf,
        names,
        op,
        ops,
        device,
        devices,
        start,
        end,
        *_edges(buf, names, owner, found["input"], nodes_n),
        functions=functions,
        debug_info=debug_info,
        producer=producer,
    )
    _remark(out, len(found["input"][0]))
    return out


def _top_level(buf: bytes) -> tuple[list[tuple[int, int]], list[tuple[int, int]], tuple[int, int] | None, int]:
    """Ranges of the nodes, of the library's functions and of the debug info, and the producer's version."""
    nodes: list[tuple[int, int]] = []
    library: list[tuple[int, int]] = []
    debug_info, producer = None, 0
    pos, total = 0, len(buf)
    add = nodes.append
    while pos < total:
        if buf[pos] == 10 and pos + 2 < total and ((size := buf[pos + 1]) < 128 or buf[pos + 2] < 128):  # a node of < 16 kB
            if size < 128:
                start = pos + 2
                pos = start + size
            else:
                start = pos + 3
                pos = start + (size & 127 | buf[pos + 2] << 7)
            add((start, pos))
            continue
        try:
            for number, kind, a, b in wire.fields(buf, pos, total):
                if kind != wire.BYTES:
                    continue
                if number == 1:
                    add((a, b))
                    pos = b
                    if buf[b : b + 1] == b"\n":
                        break  # back to the quick loop
                elif number == 2:
                    library += [(x, y) for n, w, x, y in wire.fields(buf, a, b) if n == 1 and w == wire.BYTES]
                elif number == 4:
                    producer = next((x for n, w, x, _ in wire.fields(buf, a, b) if n == 1 and w == wire.VARINT), 0)
                elif number == 5:
                    debug_info = (a, b)
            else:
                pos = total
        except ViewerError as error:
            raise ViewerError(f"not a GraphDef: {error}; {len(nodes)} nodes before it") from None
    if pos > total:
        raise ViewerError(f"not a GraphDef: the last of {len(nodes)} nodes runs past the end at byte {total}")
    return nodes, library, debug_info, producer


def _function(buf: bytes, a: int, b: int) -> tuple[str, list[tuple[int, int]], list[bytes]]:
    """Name, ranges of the body's nodes and argument names of a FunctionDef."""
    name, bodies, args = "", [], []
    for number, kind, x, y in wire.fields(buf, a, b):
        if kind != wire.BYTES:
            continue
        if number == 1:
            for n, w, c, d in wire.fields(buf, x, y):
                if n == 1 and w == wire.BYTES:
                    name = wire.text(buf, c, d)
                elif n == 2 and w == wire.BYTES:
                    args += [buf[e:f] for m, v, e, f in wire.fields(buf, c, d) if m == 1 and v == wire.BYTES]
        elif number == 3:
            bodies.append((x, y))
    return name, bodies, args


def _walk(buf: bytes, start: np.ndarray, end: np.ndarray) -> dict[str, tuple[np.ndarray, ...]]:
    """Where the names, ops, devices (start, end per node) and inputs (node, start, end in order) lie."""
    n = len(start)
    data = np.frombuffer(buf + bytes(16), np.uint8)
    single = {number: (np.zeros(n, np.int64), np.zeros(n, np.int64)) for number in (1, 2, 4)}
    attr = end.copy()
    inputs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    active = np.flatnonzero(end > start)
    pos = start[active]
    while len(active) > FEW:
        tag = data[pos]
        size = data[pos + 1].astype(np.int64)
        body = pos + 2
        plain = (tag & 135) == wire.BYTES  # one-byte tag, length-delimited
        long = np.flatnonzero(size >= 128)
        if len(long):
            size[long], body[long], fine = _long_sizes(data, pos[long])
            plain[long] &= fine
        stop = body + size
        plain &= stop <= end[active]
        if not plain.all():
            odd = ~plain
            _finish(buf, active[odd], pos[odd], end, single, attr, inputs)
            active, tag, pos, body, stop = active[plain], tag[plain], pos[plain], body[plain], stop[plain]
        for number, (first, last) in single.items():
            here = np.flatnonzero(tag == (number << 3 | 2))
            if len(here):
                first[active[here]], last[active[here]] = body[here], stop[here]
        here = np.flatnonzero(tag == 26)
        if len(here):
            inputs.append((active[here], body[here], stop[here]))
        here = np.flatnonzero(tag == 42)
        if len(here):
            attr[active[here]] = np.minimum(attr[active[here]], pos[here])
        more = stop < end[active]
        active, pos = active[more], stop[more]
    _finish(buf, active, pos, end, single, attr, inputs)
    columns = (
        [np.concatenate(column) if inputs else np.zeros(0, np.int64) for column in zip(*inputs, strict=True)]
        if inputs
        else [np.zeros(0, np.int64)] * 3
    )
    order = np.argsort(columns[0], kind="stable")
    return {"name": single[1], "op": single[2], "device": single[4], "attr": (attr,), "input": tuple(c[order] for c in columns)}


def _long_sizes(data: np.ndarray, pos: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(size, start of the value, whether the size has at most four bytes) for sizes of more than one byte."""
    size = (data[pos + 1] & 127).astype(np.int64)
    body = pos + 2
    going = np.ones(len(pos), bool)
    for k in (1, 2, 3):
        byte = data[pos + 1 + k].astype(np.int64)
        size += np.where(going, (byte & 127) << (7 * k), 0)
        body += going
        going &= byte >= 128
    return size, body, ~going


def _finish(
    buf: bytes, nodes: np.ndarray, pos: np.ndarray, end: np.ndarray, single: dict, attr: np.ndarray, inputs: list
) -> None:
    """Reads the rest of a few nodes one field at a time."""
    rows: list[tuple[int, int, int]] = []
    for node, at in zip(nodes.tolist(), pos.tolist(), strict=True):
        try:
            for number, kind, a, b in wire.fields(buf, at, int(end[node])):
                if kind != wire.BYTES:
                    continue
                if number == 3:
                    rows.append((node, a, b))
                elif number == 5:
                    attr[node] = min(int(attr[node]), at)
                elif number in single:
                    single[number][0][node], single[number][1][node] = a, b
                at = b  # where the next field starts
        except ViewerError as error:
            raise ViewerError(f"not a GraphDef: in node {node}: {error}") from None
    if rows:
        table = np.array(rows, np.int64)
        inputs.append((table[:, 0], table[:, 1], table[:, 2]))


def _intern(buf: bytes, first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """A number per node and the list of distinct strings, in order of first use."""
    if not (last > first).any():
        return np.zeros(len(first), np.int32), [""]
    words = [buf[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    seen = {word: i for i, word in enumerate(dict.fromkeys(words))}
    codes = np.fromiter(map(seen.__getitem__, words), np.int32, len(words))
    return codes, [key.decode("utf-8", "replace") for key in seen]


def _edges(
    buf: bytes, names: list[bytes], owner: list[bytes], found: tuple[np.ndarray, ...], top: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(src, dst, port, slot) of the inputs; inputs that name no node are dropped."""
    dst, a, b = found
    data = np.frombuffer(buf, np.uint8) if len(buf) else np.zeros(0, np.uint8)
    control = np.zeros(len(dst), bool)
    filled = b > a
    control[filled] = data[a[filled]] == 94  # ^
    port, stop = _ports(data, a, b)
    number = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))  # of equal names the first wins
    get = number.get
    in_graph = dst < top
    src = np.full(len(dst), -1, np.int64)
    rows = np.flatnonzero(in_graph)
    spans = zip((a + control)[rows].tolist(), stop[rows].tolist(), strict=True)
    src[rows] = np.fromiter(map(get, [buf[x:y] for x, y in spans], repeat(-1)), np.int64, len(rows))
    for row in np.flatnonzero(~in_graph).tolist():  # in a function: argument, or node:output:number
        word = buf[a[row] : b[row]].lstrip(b"^").split(b":")
        src[row] = get(owner[dst[row]] + word[0], -1)
        port[row] = int(word[-1]) if len(word) > 1 and word[-1].isdigit() else 0
    port[control] = -1
    slot = np.arange(len(dst)) - np.searchsorted(dst, dst) if len(dst) else dst
    keep = src >= 0
    return src[keep].astype(np.int32), dst[keep].astype(np.int32), port[keep].astype(np.int32), slot[keep].astype(np.int32)


def _ports(data: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number behind the last colon (0 without one), and the end of the node's name."""
    port, stop = np.zeros(len(a), np.int64), b.copy()
    value, digits, weight = np.zeros(len(a), np.int64), np.ones(len(a), bool), 1
    for k in range(1, 9):
        at = b - k
        inside = digits & (at > a)
        if not inside.any():
            break
        byte = np.zeros(len(a), np.int64)
        byte[inside] = data[at[inside]]
        colon = inside & (byte == 58) & (k > 1)
        port[colon], stop[colon] = value[colon], at[colon]
        digits = inside & (byte >= 48) & (byte <= 57)
        value += np.where(digits, (byte - 48) * weight, 0)
        weight *= 10
    return port, stop


def _remark(out: Scan, inputs: int) -> None:
    lost = inputs - len(out.src)
    if lost:
        out.notes.append(f"{lost} inputs name a node that this graph does not hold; they are left out.")
    doubles = len(out.names) - len(set(out.names))
    if doubles:
        out.notes.append(f"{doubles} nodes have the name of an earlier node.")
