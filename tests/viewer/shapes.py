"""Graphs of every awkward shape that the viewer must survive."""

from tools.viewer_graphs import block, chain, fan_out, node, scoped, unscoped

HOSTILE = [
    '<script>alert("x")</script>',
    "q\"u'o`te\\s",
    "line\nbreak\ttab",
    "\u202eright to left \u05d0\u05d1",
    "emoji \U0001f600",
    "x" * 10_000,
    "\x1b[31mred\x1b[0m",
    "a//b",
    "/",
    "{a}/",
    "<b>bold</b>",
    "&amp;",
    "node",
    "",
    "\x00\x07",
    "]]>",
    "-->",
    "%s{0}",
    "a/b/\\n",
]


def empty() -> bytes:
    return b""


def one() -> bytes:
    return node("only", "Const")


def self_loop() -> bytes:
    return node("x", "Placeholder") + node("loop", "NextIteration", ["loop", "x"])


def deep() -> bytes:
    """200 levels of scopes with an op on each, and one name of 3,000 levels."""
    out, last, scope = [], "", ""
    for level in range(200):
        scope += f"s{level}/"
        out.append(node(scope + "op", "Relu", [last] if last else []))
        last = scope + "op"
    out.append(node("/".join("d" for _ in range(3000)), "Relu", [last]))
    return b"".join(out)


def cyclic() -> bytes:
    """A loop as TF1's control flow makes it, and a cycle between scopes."""
    return b"".join(
        [
            node("x", "Placeholder"),
            node("while/Enter", "Enter", ["x"]),
            node("while/Merge", "Merge", ["while/Enter", "while/NextIteration"]),
            node("while/Switch", "Switch", ["while/Merge", "while/LoopCond"]),
            node("while/LoopCond", "LoopCond", ["while/Merge"]),
            node("while/body", "AddV2", ["while/Switch:1", "x"]),
            node("while/NextIteration", "NextIteration", ["while/body"]),
            node("while/Exit", "Exit", ["while/Switch"]),
            node("a/one", "Relu", ["b/one"]),
            node("b/one", "Relu", ["a/two"]),
            node("a/two", "Relu", ["b/two"]),
            node("b/two", "Relu", ["while/Exit", "^a/one"]),
        ]
    )


def hostile() -> bytes:
    return b"".join(node(name, name, HOSTILE[:i][-2:], b"", name) for i, name in enumerate(HOSTILE))


def not_text() -> bytes:
    return (
        node(b"\xff\xfe/\x80", "Const")
        + node(b"\xff\xfe/b", "Relu", [b"\xff\xfe/\x80"])
        + node("odd", "Relu", ["missing", "odd:99999999999999"])
    )


def wide_in() -> bytes:
    """A NoOp that waits for 5,000 others, and constants that everything reads."""
    names = [f"v{i}/Assign" for i in range(5000)]
    out = [node("c", "Const")] + [
        node(f"v{i}", "VariableV2") + node(name, "Assign", [f"v{i}", "c"]) for i, name in enumerate(names)
    ]
    return b"".join([*out, node("init", "NoOp", ["^" + name for name in names])])


def many_kinds() -> bytes:
    """1,000 scopes that are all different."""
    out = []
    for i in range(1000):
        out += [
            node(
                f"part{chr(97 + i % 26)}{i}/op{j}",
                f"Kind{(i * 7 + j) % 50}",
                [f"part{chr(97 + (i - 1) % 26)}{i - 1}/op0"] if i else [],
            )
            for j in range(i % 5 + 2)
        ]
    return b"".join(out)


def with_function() -> bytes:
    """A library function whose body names its argument and an output."""
    argument = block(2, block(1, b"x"))
    body = b"".join(
        block(3, n[n.index(b"\n") :][2:])
        for n in [node("Relu", "Relu", ["x"], b""), node("Neg", "Neg", ["Relu:activations:0"], b"")]
    )
    function = block(1, block(1, b"body") + argument) + body
    return node("x", "Placeholder") + node("call", "PartitionedCall", ["x"]) + block(2, block(1, function))


SHAPES = {f.__name__: f for f in (empty, one, self_loop, deep, cyclic, hostile, not_text, wide_in, many_kinds, with_function)}
SHAPES |= {
    "chain_2000": lambda: chain(2000),
    "fan_out_5000": lambda: fan_out(5000),
    "scoped_3000": lambda: scoped(3000),
    "unscoped_3000": lambda: unscoped(3000),
}
LARGE = {"chain_100000": lambda: chain(100_000), "fan_out_50000": lambda: fan_out(50_000)}
