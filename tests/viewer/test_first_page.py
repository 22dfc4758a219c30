"""The document: its own scripts and styles inside, allowed by hash; what it shows first inside it; Graphviz split for quick loading."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest

from graphflow.viewer import first_page, static_files
from graphflow.viewer.graph_tree import build
from graphflow.viewer.library import Library
from graphflow.viewer.load import NamedGraph
from graphflow.viewer.routes import Routes
from graphflow.viewer.runs import RunStore
from graphflow.viewer.search import matching, search
from graphflow.viewer.server import ViewServer
from tests.viewer.shapes import hostile
from tools.split_graphviz import split
from tools.viewer_graphs import scoped


def first_of(text):
    return json.loads(re.search(r'<script type="application/json" id="gf-first">(.*?)</script>', text, re.DOTALL)[1])


def test_the_first_view_is_in_the_document_once_its_tree_is_made():
    store = RunStore.of_graphs("g", [NamedGraph("graph", scoped(300))])
    library = Library(store)
    routes = Routes(store, library)
    page = static_files.inlined(static_files.read("index.html").decode()).text
    assert first_of(first_page.document(page, store, library, routes).decode())["view"] is None
    graph = library.default().id
    opened = library.open(graph)
    held = first_of(first_page.document(page, store, library, routes).decode())
    assert held["runs"]["runs"][0]["graphs"][0]["id"] == graph
    assert held["view"] == json.loads(json.dumps(routes.view(graph, opened, {"first": ["1"]})))


def test_hostile_names_stay_inside_their_element():
    store = RunStore.of_graphs("</script><script>alert(1)</script>", [NamedGraph("graph", hostile())])
    library = Library(store)
    library.open(library.default().id)
    text = first_page.document(first_page.MARK, store, library, Routes(store, library)).decode()
    assert text.count("<") == 2 and text.count(">") == 2
    assert any("<script>" in box["label"] for box in first_of(text)["view"]["boxes"])


def test_the_policy_lets_the_scripts_and_styles_of_the_page_run_and_no_others():
    server = ViewServer(RunStore.of_graphs("g", [NamedGraph("graph", scoped(30))]))
    try:
        text, policy = server.page.text, server.policy
    finally:
        server.server_close()
    bodies = {tag: re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("script", "style")}
    assert len(bodies["script"]) == 2 and bodies["style"]
    for tag, found in bodies.items():
        part = re.search(rf"{tag}-src ([^;]*)", policy)[1]
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in found}
        assert set(part.split()) - {"'self'", "'wasm-unsafe-eval'"} == hashes
    assert "src=" not in text and 'rel="stylesheet"' not in text


def test_splitting_graphviz_takes_out_the_literal_and_nothing_else():
    literal = r"\0asm\x01\0\n\\\'" + "\xe9\u0100"
    source = "a;function o(){return function(A){return A}('" + literal + "')}b;return await WebAssembly.instantiate(r,v);c"
    script, wasm = split(source)
    assert wasm == b"\0asm\x01\0\n\\'\xe9\0"
    assert script == (
        "a;function o(){return self.graphvizModule}b;return{instance:await WebAssembly.instantiate(await r,v)};c"
    )
    with pytest.raises(ValueError, match="another way"):
        split("function o(){}")
    shipped = (static_files.STATIC / "vendor/viz.wasm").read_bytes()
    assert shipped[:8] == b"\0asm\x01\0\0\0" and b"self.graphvizModule" in static_files.read("layout_worker.js")


def test_the_best_hit_is_found_however_many_there_are():
    buf = scoped(30_000)
    tree = build(buf)
    hits = search(tree, buf, "mean", limit=3)["hits"]
    assert hits[0]["path"] == "loss/mean"
    found = search(tree, buf, "relu", limit=1)
    assert found["total"] == len(matching(tree, buf, "relu")) == np.count_nonzero([p.lower().count(b"relu") for p in tree.all_paths()])
    assert found["hits"][0]["path"].endswith("/Relu")
    again = search(tree, buf, "relu", limit=20, offset=10)["hits"]
    assert [h["id"] for h in again] == [h["id"] for h in search(tree, buf, "relu", limit=30)["hits"]][10:]
