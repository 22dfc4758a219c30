"""The model: every shape is read, bounded on each level, and the same on each run."""

import hashlib
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from graphflow.viewer import index_cache
from graphflow.viewer.dot import dot_source
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_scan import scan
from graphflow.viewer.graph_tree import OP, build
from graphflow.viewer.visible import State, view
from graphflow.viewer.writers import mermaid
from tests.tf_fixtures import ROOT, bad_cases
from tests.viewer.shapes import LARGE, SHAPES
from tools.viewer_graphs import node, unscoped

ROOT_OF_TREE = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "graphs").glob("*/graph.pb"))
ALL = {**SHAPES, **{p.parent.name: p.read_bytes for p in FIXTURES}}


def levels(tree):
    groups = [0, *np.flatnonzero(tree.kind != OP)[0 if tree.kind[0] == OP else 1 :].tolist()]
    return {g: tree.children(g) for g in groups}


@pytest.mark.parametrize("name", [*ALL, *LARGE])
def test_no_level_shows_more_than_150_boxes(name):
    tree = build({**ALL, **LARGE}[name]())
    assert max(len(children) for children in levels(tree).values()) <= 150


@pytest.mark.parametrize("name", ALL)
def test_the_tree_holds_every_op_once_and_groups_are_ranges(name):
    buf = ALL[name]()
    tree, found = build(buf), scan(buf)
    nodes = tree.node[tree.kind == OP]
    assert sorted(nodes.tolist()) == list(range(len(found.names)))
    paths = tree.all_paths()
    assert [paths[i] for i in np.flatnonzero(tree.kind == OP)] == [found.names[k] for k in nodes]
    for group, children in levels(tree).items():
        assert all(tree.parent[c] == group for c in children)
        assert sum(tree.leaves[c] for c in children) == tree.leaves[group]
        assert (children[-1] if children else group) <= tree.end[group]
    groups = [paths[i] for i in np.flatnonzero(tree.kind != OP)]
    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize("name", ALL)
def test_an_edge_meets_in_the_lowest_group_over_both_ends(name):
    tree = build(ALL[name]())
    for src, dst, meets in list(zip(tree.src, tree.dst, tree.meets, strict=True))[:3000]:
        assert meets <= src < tree.end[meets]
        assert meets <= dst < tree.end[meets]
        if src != dst:
            assert not any(c <= src < tree.end[c] and c <= dst < tree.end[c] for c in tree.children(meets))
    assert (np.diff(tree.meets) >= 0).all()


@pytest.mark.parametrize("name", ALL)
def test_every_view_can_be_drawn(name):
    buf = ALL[name]()
    tree = build(buf)
    groups = np.flatnonzero(tree.kind != OP)[1:].tolist()
    for state in (State(), State(first=True), State(expanded=set(groups[:40])), State(root=groups[0] if groups else 0)):
        shown = view(tree, buf, state)
        known = {b["id"] for b in shown["boxes"] if not b["open"]}
        assert all(e["from"] in known and e["to"] in known for e in shown["edges"])
        assert sum(b["ops"] for b in [*shown["boxes"], *shown["aside"]] if not b["open"]) == tree.leaves[state.root]
        assert dot_source(shown).count("{") >= 1
        assert mermaid(shown).startswith("flowchart")


def test_series_fan_outs_and_stages_are_found():
    towers = b"".join(
        node(f"tower_{t}/op_{i}", "Relu", ["x"] if not i else [f"tower_{t}/op_{i - 1}"]) for t in range(8) for i in range(4)
    )
    tree = build(node("x", "Placeholder") + towers)
    assert [(tree.label(c), int(tree.count[c])) for c in tree.children(0)] == [("x", 1), ("tower_*", 8)]
    fan = build(SHAPES["fan_out_5000"]())
    assert [(fan.label(c), int(fan.count[c])) for c in fan.children(0)] == [("x", 1), ("Relu_0 … Relu_4999", 5000)]
    chain = build(SHAPES["chain_2000"]())
    assert 4 <= len(chain.children(0)) <= 20
    sizes = [int(chain.leaves[c]) for c in chain.children(0)]
    assert max(sizes) < 3 * min(sizes)


def test_what_is_put_aside_says_why():
    buf = SHAPES["wide_in"]()
    shown = view(build(buf), buf, State())
    assert {b["path"].split("/")[0]: b["aside"] for b in shown["aside"]}.get("init") == "init" or any(
        b["aside"] == "init" for b in shown["aside"]
    )
    mlp = (ROOT / "graphs/mlp_ref_adam/graph.pb").read_bytes()
    found = {b["label"]: b for b in view(build(mlp), mlp, State())["aside"]}
    assert found["save"]["aside"] == "saver"
    assert "checkpoint" in found["save"]["reason"]


def test_things_can_be_pulled_out_brought_back_and_hidden():
    buf = (ROOT / "graphs/mlp_ref_adam/graph.pb").read_bytes()
    tree = build(buf)
    slate, save = tree.find("slate/"), tree.find("save/")
    shown = view(tree, buf, State(out={slate}, back={save}))
    assert [b["aside"] for b in shown["aside"] if b["id"] == slate] == ["user"]
    assert save in [b["id"] for b in shown["boxes"]]
    hidden = view(tree, buf, State(hide={slate}))
    assert slate not in [b["id"] for b in [*hidden["boxes"], *hidden["aside"]]]


def test_ops_of_a_function_join_by_its_own_rules():
    buf = SHAPES["with_function"]()
    tree = build(buf)
    paths = {tree.path(i) for i in range(len(tree))}
    assert {"{function body}/x", "{function body}/Relu", "{function body}/Neg"} <= paths
    edges = {(tree.path(s), tree.path(d)) for s, d in zip(tree.src, tree.dst, strict=True)}
    assert {
        ("{function body}/x", "{function body}/Relu"),
        ("{function body}/Relu", "{function body}/Neg"),
        ("x", "call"),
    } == edges


def digest() -> str:
    out = hashlib.sha256()
    for name, make in ALL.items():
        buf = make()
        tree = build(buf)
        out.update(name.encode() + tree.blob.tobytes() + tree.parent.tobytes() + tree.look.tobytes())
        out.update(dot_source(view(tree, buf, State(first=True))).encode("utf-8", "surrogatepass"))
    return out.hexdigest()


def test_grouping_and_dot_are_the_same_bytes_in_another_process():
    code = "from tests.viewer.test_graph_tree import digest; print(digest())"
    env = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT_OF_TREE)}
    other = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT_OF_TREE, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest()


@pytest.mark.parametrize("name", ["hostile", "scoped_3000", "cnn"])
def test_a_tree_comes_back_from_the_index(name, tmp_path):
    tree = build(ALL[name]())
    path = tmp_path / "a" / "x.tree"
    index_cache.save(tree, path)
    again = index_cache.load(path, tree.stamp)
    assert view(again, ALL[name](), State(first=True)) == view(tree, ALL[name](), State(first=True))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut"):
        index_cache.load(path, tree.stamp)


@pytest.mark.parametrize(
    ("name", "case"),
    [c for c in bad_cases("graph", "graph_pb", "pb") if c[1]["path"].endswith(".pb")]
    or [(p.name, {"path": str(p.relative_to(ROOT))}) for p in sorted((ROOT / "bad/graph").glob("*.pb"))],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_damaged_graphs_are_shown_or_refused_with_a_reason(name, case):
    buf = (ROOT / case["path"]).read_bytes()
    try:
        tree = build(buf)
    except ViewerError as error:
        assert "not a GraphDef" in str(error) and "byte" in str(error)
        return
    view(tree, buf, State(first=True))
    from graphflow.viewer.cards import card

    for item in range(1, len(tree)):
        card(tree, buf, item)


def test_inputs_that_name_no_node_are_told():
    tree = build(SHAPES["not_text"]())
    assert any("name a node that this graph does not hold" in note for note in tree.notes)


def test_svg_is_xml_whatever_the_names_are():
    graphviz = pytest.importorskip("graphviz")
    from graphflow.viewer.writers import render

    buf = SHAPES["hostile"]()
    shown = view(build(buf), buf, State(first=True))
    try:
        data = render(shown, "svg")
    except (ViewerError, graphviz.ExecutableNotFound):
        pytest.skip("neither the program dot nor pygraphviz is here")
    root = ElementTree.fromstring(data)
    assert not [e for e in root.iter() if e.tag.endswith("script")]


def test_scopes_of_a_model_stay_in_sight_beside_stages_of_loose_ops():
    from graphflow.viewer.graph_json import block, text

    layers = ["stem", "left", "middle", "right", "neck", "head"]
    nodes, last = [], ""
    for i in range(60):  # loose ops before and after a model of six layers of its own
        name = f"{layers[(i - 20) // 3]}/op_{i}" if 20 <= i < 38 else f"op_{i}"
        nodes.append(block(1, text(1, name) + text(2, f"Op{i % 7}") + (text(3, last) if last else b"")))
        last = name
    buf = b"".join(nodes)
    tree = build(buf)
    shown = view(tree, buf, State(first=True))
    paths = {box["path"] for box in shown["boxes"]}
    assert {f"{layer}/" for layer in layers} <= paths
    assert len(shown["boxes"]) <= 40


def test_inferred_groups_can_be_left_out_where_that_is_not_too_much():
    buf = SHAPES["unscoped_3000"]()
    tree = build(buf)
    grouped, flat = view(tree, buf, State()), view(tree, buf, State(flat=True))
    assert [box["id"] for box in flat["boxes"]] == [box["id"] for box in grouped["boxes"]]     # 3,000 boxes would be too much
    buf = unscoped(200)
    tree = build(buf)
    grouped, flat = view(tree, buf, State()), view(tree, buf, State(flat=True))
    inferred = [box for box in grouped["boxes"] if box["kind"] in ("block", "series")]
    assert inferred and not [box for box in flat["boxes"] if box["kind"] in ("block", "series")]
    assert len(flat["boxes"]) > len(grouped["boxes"]) and len(flat["edges"]) >= len(grouped["edges"])
    assert {box["parent"] for box in flat["boxes"]} == {0} and flat["expanded"] == []
