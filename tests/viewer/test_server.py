"""The server: what it answers, what it refuses, and files that grow, shrink and break under it."""

import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from graphflow.formats.record import frame
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.packed import unpacked
from graphflow.viewer.runs import RunStore, natural
from graphflow.viewer.server import ViewServer, serve
from tests.tf_fixtures import ROOT
from tests.viewer.shapes import hostile
from tools.viewer_graphs import block, scoped

EVENTS = ROOT / "events"


@contextmanager
def running(path, host="127.0.0.1", watch=False):
    store = RunStore(Path(path))
    store.refresh()
    server = ViewServer(store, host)
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})]
    if watch:
        threads.append(threading.Thread(target=server.watch, args=(0.05,)))
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()


def unpacked_runs(answer):
    """The runs of an answer, each with its tags."""
    return [run | {"tags": answer["sets"][run["set"]]} for run in answer["runs"]]


def scalars(server, query=""):
    """The series of an answer of scalars, arrays as lists."""
    status, headers, body = ask(server, f"/api/v1/scalars?{query}")
    assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
    return [{k: v.tolist() if hasattr(v, "tolist") else v for k, v in one.items()} for one in unpacked(body)["series"]]


def ask(server, path, method="GET", headers=None):
    """(status, headers, body) of a request whose path goes out as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"127.0.0.1:{server.server_address[1]}", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def get(server, path):
    status, _, body = ask(server, path)
    assert status == 200, body
    return json.loads(body)


@pytest.fixture(scope="module")
def server():
    with running(EVENTS) as found:
        yield found


def graph_id(server):
    return next(run["graphs"][0]["id"] for run in get(server, "/api/v1/runs")["runs"] if run["graphs"])


def test_runs_and_every_kind_of_data(server):
    runs = {run["name"]: run for run in unpacked_runs(get(server, "/api/v1/runs"))}
    assert list(runs) == ["full", "restarted"]
    tags = runs["full"]["tags"]
    assert "loss_1" in tags["scalars"] and tags["profiles"] == ["step_5"]
    special = scalars(server, "tag=special")[0]["value"]
    assert {str(value) for value in special} == {"nan", "inf", "-inf"}
    histogram = get(server, "/api/v1/histograms")["series"][0]["entries"][0]
    assert len(histogram["limits"]) == len(histogram["counts"]) > 2
    image = get(server, "/api/v1/images?tag=" + quote("colour/image/0", safe=""))["series"][0]
    assert image["entries"][0]["items"][0]["type"] == "image/png"
    status, headers, data = ask(server, f"/api/v1/image?run={image['run']}&tag=colour%2Fimage%2F0&index=0")
    assert (status, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
    assert data.startswith(b"\x89PNG")
    assert get(server, "/api/v1/text")["series"][0]["entries"][0]["values"]
    assert get(server, "/api/v1/audio")["series"][0]["entries"][0]["items"][0]["type"] == "audio/wav"


def test_a_restarted_run_keeps_one_value_per_step(server):
    series = next(s for s in scalars(server) if s["tag"] == "basalt")
    assert series["step"] == sorted(set(series["step"]))


def test_one_graph_in_views_cards_search_trace_and_exports(server):
    base = f"/api/v1/graph/{graph_id(server)}/"
    view = get(server, base + "view?first=1")
    assert view["boxes"] and {"id", "path", "label", "w", "h", "aside", "diff"} <= set(view["boxes"][0])
    some = view["boxes"][0]["id"]
    card = get(server, f"{base}node?id={some}")
    assert card["path"] == view["boxes"][0]["path"]
    assert get(server, base + "node?name=" + quote(card["path"], safe=""))["id"] == some
    assert get(server, base + "search?q=" + quote(card["name"], safe=""))["hits"][0]["path"].startswith(card["name"])
    assert get(server, f"{base}trace?from={some}&tracedir=out")["found"]
    assert get(server, base + "resolve?path=nothing&path=" + quote(card["path"], safe=""))["items"] == [None, some]
    assert get(server, base + "stats")["ops"] > 10
    assert {c["id"] for c in get(server, base + "outline?id=0")["children"]} >= {some}
    for kind, start in (("dot", b"digraph"), ("mmd", b"flowchart"), ("json", b"{")):
        status, headers, body = ask(server, f"{base}export.{kind}")
        assert status == 200 and body.startswith(start) and "attachment" in headers["Content-Disposition"]


def test_a_card_tells_what_was_last_summarised(server):
    card = get(server, f"/api/v1/graph/{graph_id(server)}/node?name=loss_1")
    series = scalars(server, "tag=loss_1")[0]
    told = [{k: row[k] for k in ("tag", "plugin", "value", "step")} for row in card["summary"]]
    assert told == [{"tag": "loss_1", "plugin": "scalars", "value": series["value"][-1], "step": series["step"][-1]}]


def test_profile_totals_are_the_sums_of_their_parts(server):
    found = get(server, "/api/v1/profile")
    assert found["rows"]
    assert found["total"]["time"] == pytest.approx(sum(row["time"] for row in found["rows"]))
    assert found["total"]["memory"] == sum(row["memory"] for row in found["rows"])
    assert found["total"]["time"] == pytest.approx(sum(row["time"] for row in found["byOp"]))
    assert found["memory"]["peak"] == max(bytes_ for _, bytes_ in found["memory"]["live"])
    trace = get(server, "/api/v1/export/trace.json")
    assert sum(e["ph"] == "X" for e in trace["traceEvents"]) == len(found["timeline"])
    assert {e["args"]["bytes"] for e in trace["traceEvents"] if e["ph"] == "C"} >= {found["memory"]["peak"]}


def test_a_group_of_a_profile_is_the_sum_of_what_is_in_it(server):
    found = get(server, "/api/v1/profile")
    groups = {group["id"]: group for group in found["groups"]}
    assert groups[0]["time"] == pytest.approx(found["total"]["time"], abs=0.01)
    assert sum(group["self"] for group in groups.values()) == pytest.approx(found["total"]["time"], abs=0.01)
    for group in groups.values():
        inside = [other["time"] for other in groups.values() if other["parent"] == group["id"]]
        assert group["time"] == pytest.approx(group["self"] + sum(inside), abs=0.01)
        assert group["ops"] > 0 and group["memory"] >= 0


def test_a_profile_of_several_steps_is_their_average(tmp_path):
    import numpy as np

    import graphflow as tf

    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 50])
        with tf.name_scope("layer"):
            y = tf.reduce_sum(tf.matmul(x, tf.ones([50, 50])))
        writer = tf.summary.FileWriter(str(tmp_path), session.graph)
        for step in range(3):
            noted = tf.RunMetadata()
            options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
            session.run(y, {x: np.ones((4, 50), "f")}, options=options, run_metadata=noted)
            writer.add_run_metadata(noted, f"step_{step}", step)
        writer.close()
    with running(tmp_path) as server:
        path = "/api/v1/profile?"
        single = [get(server, f"{path}tag=step_{i}") for i in range(3)]
        found = get(server, path + "&".join(f"tag=step_{i}" for i in range(3)) + "&timeline=step_1")
        assert (found["count"], found["steps"], found["shown"]) == (3, [0, 1, 2], "step_1")
        times = [one["total"]["time"] for one in single]
        assert found["total"]["time"] == pytest.approx(sum(times) / 3, abs=0.01)
        assert found["total"]["span"] == pytest.approx(sum(one["total"]["span"] for one in single) / 3, abs=0.01)
        assert found["timeline"][0]["end"] - found["timeline"][0]["start"] == pytest.approx(
            single[1]["timeline"][0]["end"] - single[1]["timeline"][0]["start"], abs=0.01)  # fmt: skip
        trace = get(server, "/api/v1/export/trace.json?tag=step_0&tag=step_2")
        assert {e["args"]["name"].split()[0] for e in trace["traceEvents"] if e["ph"] == "M"} == {"step_0", "step_2"}
        assert ask(server, path + "tag=step_0&timeline=step_1")[0] == 400
        painted = get(server, f"/api/v1/graph/{graph_id(server)}/view?profile=step_0&profile=step_2")
        layer = next(box for box in painted["boxes"] if box["label"] == "layer")
        averages = [next(g["time"] for g in single[i]["groups"] if g["path"] == "layer/") for i in (0, 2)]
        assert layer["time"] == pytest.approx(sum(averages) / 2, abs=0.01)


def test_exports_hold_every_point_exactly(server):
    _, _, body = ask(server, "/api/v1/export/scalars.csv?tag=loss_1")
    rows = [line.split(",") for line in body.decode().splitlines()]
    assert rows[0] == ["run", "tag", "step", "wall_time", "value"]
    assert [float(row[4]) for row in rows[1:]] == scalars(server, "tag=loss_1")[0]["value"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/../../etc/passwd",
        "/static//etc/passwd",
        "/static/offline/../../server.py",
        "/static/..\\server.py",
        "/etc/passwd",
        "/static/",
        "/static/offline",
        "/%00",
        "/static/a%00.js",
        "/api/v1/graph/../runs",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/graph/r0.0/view",
        "/api/v1/graph/x/y/z",
        "/api/v1/image?run=x&tag=y&index=0",
    ],
)
def test_nothing_is_served_by_path(server, path):
    status, _, body = ask(server, path)
    assert status == 404
    assert "error" in json.loads(body)
    assert b"root:" not in body and b"import" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_only_get_and_head_are_answered(server, method):
    status, headers, _ = ask(server, "/api/v1/runs", method)
    assert status == 405
    assert headers["Allow"] == "GET, HEAD"
    assert "Access-Control-Allow-Origin" not in headers


def test_head_sends_no_body(server):
    status, headers, body = ask(server, "/api/v1/runs", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 10


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil:{port}",
    ],
)
def test_a_foreign_host_is_refused(server, host):
    status, _, body = ask(server, "/api/v1/runs", headers={"Host": host.format(port=server.server_address[1])})
    assert status == 403
    assert b"runs" not in body


@pytest.mark.parametrize("host", ["localhost:{port}", "localhost:8000", "127.0.0.1:1", "127.0.0.1", "[::1]:8000", "LOCALHOST:80"])
def test_any_loopback_name_on_any_port_is_the_viewer_as_behind_an_ssh_tunnel(server, host):
    host = host.format(port=server.server_address[1])
    assert ask(server, "/api/v1/runs", headers={"Host": host})[0] == 200
    assert ask(server, "/api/v1/runs", headers={"Host": host, "Origin": f"http://{host}"})[0] == 200


def test_further_names_are_answered_when_they_are_allowed():
    store = RunStore(ROOT / "graphs/cnn/graph.pb")
    server = ViewServer(store, allowed=("box.example",))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        assert ask(server, "/api/v1/runs", headers={"Host": "box.example:80"})[0] == 200
        status, _, body = ask(server, "/api/v1/runs", headers={"Host": "other.example"})
        assert status == 403 and b"--allow-host other.example" in body
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("request_bytes", [b"GET /\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
                                           b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                           b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://[::1\r\n\r\n"])  # fmt: skip
def test_what_is_no_request_gets_an_answer_and_the_terminal_nothing(server, request_bytes, capfd):
    import socket

    with socket.create_connection(server.server_address[:2], timeout=10) as connection:
        connection.sendall(request_bytes)
        assert connection.recv(100)
    time.sleep(0.1)
    assert capfd.readouterr().err == ""


def test_a_client_that_goes_away_leaves_no_trace(server, capfd):
    import socket
    import struct

    for _ in range(3):
        connection = socket.create_connection(server.server_address[:2], timeout=10)
        connection.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    server.tell({"type": "change"})
    time.sleep(0.2)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:{port}", 200), ("https://localhost", 403)],
)
def test_a_foreign_origin_is_refused(server, origin, status):
    assert ask(server, "/api/v1/runs", headers={"Origin": origin.format(port=server.server_address[1])})[0] == status


def test_answers_forbid_scripts_and_sniffing(server):
    for path in ("/api/v1/runs", "/nothing"):
        headers = ask(server, path)[1]
        assert "script-src 'self' 'wasm-unsafe-eval'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "query",
    [
        "node?id=abc",
        "node?id=99999999999",
        "node?id=-1",
        "node",
        "view?x=abc",
        "view?root=-5",
        "trace",
        "trace?from=x",
        "search?limit=0",
    ],
)
def test_requests_that_make_no_sense_get_a_sentence(server, query):
    status, _, body = ask(server, f"/api/v1/graph/{graph_id(server)}/{query}")
    assert status in (200, 400, 404)
    if status != 200:
        assert len(json.loads(body)["error"]) > 10


def test_large_answers_are_compressed_on_demand(server):
    path = "/api/v1/profile"
    status, headers, body = ask(server, path, headers={"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert json.loads(gzip.decompress(body)) == get(server, path)


def test_a_view_keeps_what_still_exists(server):
    view = get(server, f"/api/v1/graph/{graph_id(server)}/view?xp=gone%2F")
    assert view["missing"] == ["gone/"]


def test_other_hosts_need_the_token():
    with running(EVENTS, "0.0.0.0") as server:
        host = {"Host": f"192.0.2.1:{server.server_address[1]}"}
        assert ask(server, "/api/v1/runs", headers=host)[0] == 403
        assert ask(server, "/api/v1/runs?token=wrong", headers=host)[0] == 403
        status, headers, _ = ask(server, f"/api/v1/runs?token={server.token}", headers=host)
        assert status == 200
        assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
        cookie = headers["Set-Cookie"].split(";")[0]
        assert ask(server, "/api/v1/runs", headers={**host, "Cookie": cookie})[0] == 200
        assert server.token in server.url


def test_a_taken_port_gives_the_next_free_one():
    store = RunStore(ROOT / "graphs/cnn/graph.pb")
    first = serve(store, "127.0.0.1", 0)
    second = serve(store, "127.0.0.1", first.server_address[1])
    try:
        assert second.server_address[1] != first.server_address[1]
        assert str(second.server_address[1]) in second.url
    finally:
        first.server_close()
        second.server_close()


def test_hostile_names_come_back_as_they_are_and_escaped(tmp_path):
    (tmp_path / "g.pb").write_bytes(hostile())
    with running(tmp_path / "g.pb") as server:
        gid = get(server, "/api/v1/runs")["runs"][0]["graphs"][0]["id"]
        _, headers, body = ask(server, f"/api/v1/graph/{gid}/search?q=is:op&limit=100")
        assert headers["Content-Type"] == "application/json"
        body.decode("ascii")
        assert '<script>alert("x")</script>' in [hit["path"] for hit in json.loads(body)["hits"]]


def scalar(step, value, tag=b"loss"):
    import struct

    summary = block(1, block(1, tag) + b"\x15" + struct.pack("<f", value))
    return frame(b"\x09" + struct.pack("<d", 1.7e9 + step) + b"\x10" + bytes([step]) + block(5, summary))


def test_a_file_that_grows_is_pushed_within_a_second(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(scalar(1, 0.5))
    with running(tmp_path, watch=True) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        connection.request("GET", "/api/v1/events")
        stream = connection.getresponse()
        assert stream.headers["Content-Type"] == "text/event-stream"

        def message():
            while True:
                line = stream.readline()
                if line.startswith(b"data: "):
                    return json.loads(line[6:])

        assert message()["type"] == "hello"
        began = time.monotonic()
        whole = scalar(2, 0.25)
        with path.open("ab") as file:  # in two pieces: the first half of a record must wait for the second
            file.write(whole[:7])
            file.flush()
            time.sleep(0.15)
            file.write(whole[7:])
        found = message()
        assert found["type"] == "change" and "scalars" in found["what"]
        assert time.monotonic() - began < 1.2
        assert scalars(server)[0]["value"] == [0.5, 0.25]
        connection.close()


def test_files_that_vanish_shrink_or_break_are_told_and_the_rest_goes_on(tmp_path):
    for run in ("a", "b", "c"):
        (tmp_path / run).mkdir()
        (tmp_path / run / "events.out.tfevents.1").write_bytes(scalar(1, 1.0) + scalar(2, 2.0))
    store = RunStore(tmp_path)
    store.refresh()
    (tmp_path / "a/events.out.tfevents.1").unlink()
    (tmp_path / "b/events.out.tfevents.1").write_bytes(b"")
    with (tmp_path / "c/events.out.tfevents.1").open("ab") as file:
        file.write(b"garbage that is no record at all")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/events.out.tfevents.1").write_bytes(scalar(3, 3.0))
    store.refresh()
    told = "\n".join(note.text for note in store.all_notes())
    assert "vanished after 2 records" in told and "shrank" in told and "corrupted record" in told
    assert {run.name: run.series("loss")[2].tolist() for run in store.runs.values()} == {
        "a": [1.0, 2.0],
        "b": [1.0, 2.0],
        "c": [1.0, 2.0],
        "d": [3.0],
    }
    before = len(store.all_notes())
    store.refresh()
    assert len(store.all_notes()) == before


def test_damaged_event_files_are_told_with_file_and_offset():
    store = RunStore(ROOT / "bad" / "events")
    store.refresh()
    told = "\n".join(note.text for note in store.all_notes())
    for name, offset in (("data_bit_flip", "122"), ("length_crc_wrong", "80"), ("garbage", "0"), ("not_a_message", "80")):
        assert any(name in note.text and offset in note.text for note in store.all_notes()), (name, told)
    assert len(next(iter(store.runs.values())).series("vale")[0])


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "events.out.tfevents.1").write_bytes(scalar(1, 1.0))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "leads_out").symlink_to(outside)
    (logs / "events.out.tfevents.2").symlink_to(outside / "events.out.tfevents.1")
    (logs / "round").symlink_to(logs)
    store = RunStore(logs)
    store.refresh()
    assert store.empty()
    assert "No event file" in store.advice() and "FileWriter" in store.advice()


def test_many_runs_in_natural_order(tmp_path):
    for i in range(120):
        (tmp_path / f"run_{i}").mkdir()
        (tmp_path / f"run_{i}/events.out.tfevents.1").write_bytes(scalar(1, float(i)))
    store = RunStore(tmp_path)
    store.refresh()
    assert (
        [run.name for run in store.sorted_runs()]
        == sorted((f"run_{i}" for i in range(120)), key=natural)
        == [f"run_{i}" for i in range(120)]
    )


def test_two_differing_graphs_become_one_with_states(tmp_path):
    for name in ("mlp_ref_adam", "mlp_ref_momentum"):
        shutil.copy(ROOT / f"graphs/{name}/graph.pb", tmp_path / f"{name}.pb")
    store = RunStore.of_graphs("two", [g for n in ("mlp_ref_adam", "mlp_ref_momentum") for g in _graphs(tmp_path / f"{n}.pb")])
    server = ViewServer(store)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        a, b = (g["id"] for g in reversed(get(server, "/api/v1/runs")["runs"][0]["graphs"]))
        found = get(server, f"/api/v1/diff?a={a}&b={b}")
        assert found["summary"]["added"] and found["summary"]["removed"] and found["summary"]["same"]
        shown = get(server, f"/api/v1/graph/{found['graph']}/view")
        assert {box["diff"]["state"] for box in shown["boxes"]} >= {"same", "changed"}
        assert get(server, f"/api/v1/graph/{found['graph']}/node?id={found['changes'][0]['id']}")["diff"]
        assert get(server, f"/api/v1/diff?a={a}&b={a}")["summary"]["same"] == get(server, f"/api/v1/graph/{a}/stats")["ops"]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _graphs(path):
    from graphflow.viewer.path_graphs import graphs_of

    return graphs_of(path)


def test_the_command_answers_without_the_framework(tmp_path):
    """`graphflow view` in its own process: it answers, and has imported neither the framework, networkx, graphviz nor protobuf."""
    (tmp_path / "g.pb").write_bytes(scoped(2000))
    code = (
        "import sys, threading, urllib.request\n"
        "from graphflow.viewer.runs import RunStore\nfrom graphflow.viewer.server import serve\nfrom pathlib import Path\n"
        "s = serve(RunStore(Path(sys.argv[1])), '127.0.0.1', 0)\n"
        "threading.Thread(target=s.serve_forever, daemon=True).start()\n"
        "import json\nruns = json.load(urllib.request.urlopen(s.url + 'api/v1/runs'))\n"
        "early = sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'graphviz', 'networkx', 'google'})\n"
        "gid = runs['runs'][0]['graphs'][0]['id']\n"
        "view = json.load(urllib.request.urlopen(s.url + f'api/v1/graph/{gid}/view?first=1'))\n"
        "late = sorted({m.split('.')[0] for m in sys.modules} & {'graphviz', 'networkx', 'google'})\n"
        "own = sorted(m for m in sys.modules if m.split('.')[:2] in (['graphflow', p] for p in ('core', 'ops', 'plan', 'runtime')))\n"
        "print(json.dumps([early, late, own, len(view['boxes'])]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "g.pb")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    early, late, own, boxes = json.loads(done.stdout)
    assert (early, late, own) == ([], [], [])
    assert boxes > 3


def test_a_path_without_a_graph_says_what_was_read(tmp_path):
    from graphflow.viewer.path_graphs import graphs_of

    (tmp_path / "events.out.tfevents.1").write_bytes(scalar(1, 1.0))
    with pytest.raises(ViewerError, match="1 tags of scalars") as error:
        graphs_of(tmp_path)
    assert "write_graph" in str(error.value) and "FileWriter" in str(error.value)


def test_the_url_names_the_true_address(server):
    assert urlsplit(server.url).port == server.server_address[1]
