
"""Pages without a server: the same answers as Python's in JavaScript, one file, nothing from elsewhere."""

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from graphflow.viewer import static_files
from graphflow.viewer.cards import card
from graphflow.viewer.dot import dot_source
from graphflow.viewer.graph_tree import OP, build
from graphflow.viewer.offline import graph_data, page
from graphflow.viewer.search import matching, search
from graphflow.viewer.trace import trace
from graphflow.viewer.visible import State, view
from tests.tf_fixtures import ROOT
from tests.viewer.shapes import SHAPES
from tools import build_page
from tools.viewer_graphs import scoped

HERE = Path(__file__).parent
GRAPHS = {p.parent.name: p.read_bytes for p in sorted((ROOT / "graphs").glob("*/graph.pb"))}
GRAPHS |= {
    name: SHAPES[name]
    for name in ("cyclic", "hostile", "deep", "wide_in", "with_function", "scoped_3000", "unscoped_3000", "fan_out_5000")
}
QUERIES = ("matmul", "mt ad", "op:Const scope:g", "dead:yes", "dtype:int32 shape:scalar", "is:aside", "nothing: x")


def questions(buf):
    """(calls of the Source, Python's answers)."""
    tree, rng = build(buf), random.Random(len(buf))
    groups = [i for i in range(1, len(tree)) if tree.kind[i] != OP]
    ops = [i for i in range(1, len(tree)) if tree.kind[i] == OP]
    some = groups[:: max(1, len(groups) // 7)][:7]
    states = [
        {"first": True},
        {"expanded": [x for i in some for x in [*tree.ancestors(i), i]], "expandedPaths": ["gone/"]},
        {"root": groups[0] if groups else 0, "out": ops[:2], "back": ops[5:7], "hide": ops[3:4], "dir": "LR"},
        {"expanded": some[:2], "hideQuery": "op:Const"},
        {"expanded": some[:3], "flat": True},
        {"flat": True},
        {"hideQuery": "re a"},
        *(any_state(rng, tree, groups) for _ in range(12)),
    ]
    calls, answers = [], []
    for s in states:
        shown = view(
            tree,
            buf,
            State(
                set(s.get("expanded", [])),
                s.get("expandedPaths", []),
                s.get("root", 0),
                set(s.get("out", [])),
                set(s.get("back", [])),
                set(s.get("hide", [])),
                s.get("dir", "auto"),
                s.get("first", False),
                gone(tree, buf, s.get("hideQuery")),
                s.get("flat", False),
            ),
        )
        calls.append(["view", "g.0", s])
        answers.append({"graph": "g.0", "stamp": tree.stamp, **shown, "dot": dot_source(shown)})
    for item in [*ops[:: max(1, len(ops) // 6)], *some, *rng.sample(range(1, len(tree)), min(12, len(tree) - 1))]:
        calls.append(["node", "g.0", item])
        answers.append(card(tree, buf, item))
    for query in [*QUERIES, *(any_query(rng, tree) for _ in range(8))]:
        calls.append(["search", "g.0", query])
        answers.append({k: v for k, v in search(tree, buf, query).items() if k != "ms"})
    for direction in ("in", "out", "both"):
        calls.append(["trace", "g.0", {}, {"from": ops[-1], "dir": direction}])
        answers.append(trace(tree, view(tree, buf, State()), ops[-1], None, direction))
    calls.append(["trace", "g.0", {}, {"from": ops[0], "to": ops[-1]}])
    answers.append(trace(tree, view(tree, buf, State()), ops[0], ops[-1], "in"))
    for _ in range(4):
        start, goal, direction = rng.randrange(1, len(tree)), rng.randrange(1, len(tree)), rng.choice(["in", "out", "both"])
        calls.append(["trace", "g.0", {}, {"from": start, "to": goal if rng.random() < 0.5 else None, "dir": direction}])
        answers.append(trace(tree, view(tree, buf, State()), start, calls[-1][3]["to"], direction))
    return calls, json.loads(json.dumps(answers))


def any_state(rng, tree, groups):
    """A state as a page can come to: some groups open with those over them, some things moved or hidden, another root."""
    items = range(1, len(tree))
    some = lambda most: rng.sample(items, min(len(items), rng.randrange(most)))  # noqa: E731
    chosen = rng.sample(groups, min(len(groups), rng.randrange(8)))
    found = {"expanded": sorted({x for i in chosen for x in [*tree.ancestors(i), i]}), "dir": rng.choice(["auto", "TB", "LR"])}
    found |= {"out": some(4), "back": some(4), "hide": some(4), "root": rng.choice([0, 0, *chosen]), "flat": rng.random() < 0.3}
    return found | {"first": rng.random() < 0.2} | ({"hideQuery": any_query(rng, tree)} if rng.random() < 0.3 else {})


def any_query(rng, tree):
    """A piece of a name, letters of one, or a field with a value that the graph has."""
    path = tree.path(rng.randrange(1, len(tree)))
    at = rng.randrange(len(path) + 1)
    piece = "".join(path[at : at + rng.randrange(1, 9)].split())
    letters = "".join(c for c in path if rng.random() < 0.3 and not c.isspace())[:9]
    ops = [op for op in tree.ops if op and not any(c.isspace() for c in op)] or ["x"]
    parts = [piece, letters, "scope:" + piece, f"op:{rng.choice(ops)}", "dead:no", "is:group", "dtype:float32", "shape:?x10"]
    return " ".join(rng.sample([part for part in parts if part.isprintable()], rng.randrange(1, 3)))


def gone(tree, buf, query):
    flags = np.zeros(len(tree), bool)
    flags[matching(tree, buf, query or "")] = True
    return flags if query else None


def comparable(answer):
    """Without what an offline file shortens: long attributes, annotations of shapes."""
    answer = dict(answer)
    if "attrs" in answer:
        answer["attrs"] = [{**a, "value": a["value"][:120]} for a in answer["attrs"] if a["name"] != "_output_shapes"]
    return answer


@pytest.mark.parametrize("name", GRAPHS)
def test_javascript_answers_as_python_does(name, tmp_path, node):
    buf = GRAPHS[name]()
    calls, expected = questions(buf)
    (tmp_path / "in.json").write_text(json.dumps({"data": graph_data(buf, "g"), "calls": calls}))
    # a copy, since node takes .js files for modules only next to a package.json that says so
    shutil.copytree(static_files.STATIC, tmp_path / "static", ignore=shutil.ignore_patterns("vendor"))
    (tmp_path / "static/package.json").write_text('{"type": "module"}')
    subprocess.run(
        [node, str(HERE / "source_calls.mjs"), str(tmp_path / "static"), str(tmp_path / "in.json"), str(tmp_path / "out.json")],
        check=True,
    )
    found = json.loads((tmp_path / "out.json").read_text())
    for call, ours, theirs in zip(calls, expected, found, strict=True):
        assert comparable(theirs) == comparable(ours), call


def test_the_page_is_one_file_that_asks_for_nothing():
    text = page(GRAPHS["cnn"](), name='a "name" </title><script>')
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text.split("<script>")[0]) == []
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#x27;", "'")
    assert "default-src 'none'" in policy and "connect-src" not in policy and "unsafe-inline" not in policy
    assert "</title><script>" not in text
    for tag in ("script", "style"):
        for body in re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL):
            assert f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" in policy


def test_the_data_cannot_end_its_element():
    text = page(SHAPES["hostile"]())
    for body in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL):
        json.loads(gzip.decompress(base64.b64decode(json.loads(body))) if "gf-data" in body else b"{}")
        assert "<" not in body
    assert "alert(" not in text.replace("<script>(function", "")


@pytest.mark.slow
def test_100000_ops_fit_three_megabytes():
    assert len(page(scoped(100_000))) < 3_000_000


def test_built_scripts_are_those_of_the_modules():
    built = (static_files.STATIC / "built/sources.sha256").read_text().strip()
    assert built == build_page.checksum(), "run tools/build_page.py"


def test_the_code_of_the_first_picture_is_small():
    assert sum((static_files.STATIC / name).stat().st_size for name in ("index.html", "style.css", "built/app.js", "start.js")) <= 120_000
    assert (static_files.STATIC / "built/log.js").stat().st_size <= 120_000


def test_no_name_can_become_markup():
    for path in static_files.STATIC.rglob("*.js"):
        if not {"vendor", "built"} & set(path.parts):
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
            ), path
