"""Logs whose values are not what their plugins write: every question about them has an answer that is JSON, the sound rest beside it."""

import json
import random

import numpy as np
import pytest

from graphflow.formats.proto import Event, SessionLog, Summary
from graphflow.formats.record import frame
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.library import Library
from graphflow.viewer.log_routes import REREAD
from graphflow.viewer.request import NotFound
from graphflow.viewer.routes import Routes
from graphflow.viewer.runs import RunStore
from tests.viewer.logs import NAME, event, scalars, summary, tensor, write
from tests.viewer.test_server import running
from tools.chromium import Chromium, program

PLUGINS = ("scalars", "histograms", "images", "audio", "text", "pr_curves", "hparams", "custom_scalars", "mesh", "graph_keras_model",
           "graph_run_metadata", "graph_run_metadata_graph", "unheard_of", "")  # fmt: skip
TAGS = ("a", "", "a/b", "/", "__proto__", "=1", "x" * 5000, "\u202e", "<b>", "a\nb", "\x00", "custom_scalars__config__",
        "_hparams_/session_start_info", "_hparams_/experiment")  # fmt: skip
ODD = (1.0, 0.0, -1e38, float("nan"), float("inf"), float("-inf"))
ARRAYS = (
    np.array(0.5), np.zeros((0, 3), "f"), np.zeros((2, 3, 1)), np.array(ODD), np.array([], object), np.array(b"no json \x00", object),
    np.array([b"\xff\xfe", b'{"a":', b"3"], object), np.array([[b"x", b"y"]], object),
    np.array([b"9999999999", b"-1", b"\x89PNG\r\n\x1a\n" + bytes(20)], object),
)  # fmt: skip


def routes_of(folder):
    store = RunStore(folder)
    store.refresh()
    return Routes(store, Library(store))


def plain(value):
    return json.dumps(value, allow_nan=False)  # as the server sends it


def ask_everything(routes):
    runs = routes.answer("runs", {})
    plain(runs)
    routes.answer("scalars", {})
    for kind in REREAD:
        for query in ({}, {"most": ["60"]}, {"index": ["0"]}, {"index": ["-1"]}):
            found = routes.answer(kind, dict(query))
            plain(found)
        for one in found["series"] if kind in ("images", "audio") else ():
            for entry in one["entries"]:
                for item in range(len(entry.get("items", []))):
                    place = {"run": [one["run"]], "tag": [one["tag"]], "index": [str(entry["index"])], "item": [str(item)]}
                    routes.answer("image" if kind == "images" else "sound", place)
    for kind in ("hparams", "layouts"):
        plain(routes.answer(kind, {}))
    for kind in ("csv", "json"):
        b"".join(routes.answer(f"export/scalars.{kind}", {}).data)
    for run in runs["runs"]:
        questions = [(f"graph/{graph['id']}/view", {"first": ["1"]}) for graph in run["graphs"]]
        for question, query in [*questions, ("profile", {"run": [run["id"]]})]:
            try:
                plain(routes.answer(question, query))
            except (ViewerError, NotFound) as error:
                assert str(error)  # a sentence for the page


def any_value(rng):
    tag, kind = rng.choice(TAGS), rng.randrange(7)
    value = Summary.Value(tag=tag)
    if kind == 0:
        value.simple_value = rng.choice(ODD)
    elif kind == 1:
        value = tensor(tag, rng.choice(ARRAYS), rng.choice(PLUGINS), rng.choice([b"", b"\x0a\x03abc", rng.randbytes(9)]))
    elif kind == 2:
        value.histo.bucket_limit.extend(rng.choices([1, 2, -5, *ODD], k=rng.randrange(5)))
        value.histo.bucket.extend(rng.choices([1, -1, *ODD], k=rng.randrange(5)))
        value.histo.min, value.histo.max, value.histo.num = rng.choices(ODD, k=3)
    elif kind == 3:
        value.image.height, value.image.encoded_image_string = rng.choice([0, -1, 2**31 - 1]), rng.randbytes(rng.randrange(30))
    elif kind == 4:
        value.audio.sample_rate, value.audio.encoded_audio_string = rng.choice(ODD), rng.randbytes(rng.randrange(60))
    elif kind == 5:
        value = tensor(tag, rng.choice(ARRAYS), rng.choice(PLUGINS))
        value.tensor.tensor_shape.Clear()
        for _ in range(rng.randrange(4)):
            value.tensor.tensor_shape.dim.add(size=rng.choice([-1, 0, 3, 2**40]))
    else:
        value.tensor.dtype, value.tensor.tensor_content = rng.choice([0, 1, 7, 19, 99, 101]), rng.randbytes(rng.randrange(9))
        value.metadata.plugin_data.plugin_name = rng.choice(PLUGINS)
    return value


def any_record(rng, i):
    step, wall = rng.choice([i, -5, 0, 2**62, -(2**63)]), rng.choice([None, float("nan"), 1e300, -1.0, 0.0])
    kind = rng.randrange(12)
    if kind == 0:
        return event(step, wall, **{rng.choice(["graph_def", "meta_graph_def"]): rng.randbytes(20)})
    if kind == 1:
        return event(step, wall, session_log=SessionLog(status=SessionLog.START))
    if kind == 2:
        noted = Event(step=step)
        noted.tagged_run_metadata.tag, noted.tagged_run_metadata.run_metadata = rng.choice(TAGS), rng.randbytes(15)
        return frame(noted.SerializeToString())
    if kind == 3:
        return frame(rng.randbytes(30))
    record = event(step, wall, summary=Summary(value=[any_value(rng) for _ in range(rng.randrange(5))]))
    return record if rng.random() > 0.05 else record[: rng.randrange(len(record))] + b"?" + record[rng.randrange(len(record)) :]


@pytest.mark.parametrize("seed", range(12))
def test_every_question_about_any_values_has_an_answer(tmp_path, seed):
    rng = random.Random(seed)
    for k in range(6):
        write(tmp_path / f"{seed}_{k}" / NAME, *(any_record(rng, i) for i in range(rng.randrange(1, 25))))
        ask_everything(routes_of(tmp_path / f"{seed}_{k}"))
    ask_everything(routes_of(tmp_path))


def test_one_value_that_is_none_of_its_kind_does_not_hide_the_others(tmp_path):
    large = tensor("large", np.array([1.0], "f"), "mesh")
    large.tensor.tensor_shape.Clear()
    large.tensor.tensor_shape.dim.add(size=2**40)  # one value may stand for as many as a shape claims
    sound = tensor("sound", np.array([[0.0, 1.0, 3.0]]), "histograms")
    write(tmp_path / NAME, summary(1, tensor("words", np.array([b"x"], object), "histograms"), sound, large))
    routes = routes_of(tmp_path)
    found = {one["tag"]: one["entries"][0] for kind in ("histograms", "mesh") for one in routes.answer(kind, {})["series"]}
    assert "no value of histograms" in found["words"]["error"] and found["sound"]["num"] == 3.0
    assert "1,099,511,627,776 elements" in found["large"]["error"]


def test_tags_that_a_restart_took_back_are_gone_until_they_come_again(tmp_path):
    start = event(0, session_log=SessionLog(status=SessionLog.START))
    write(tmp_path / "events.out.tfevents.1.a", start, *(scalars(i, old=1.0, loss=1.0) for i in range(5)))
    write(tmp_path / "events.out.tfevents.2.a", start, scalars(0, loss=2.0))
    routes = routes_of(tmp_path)
    assert routes.answer("runs", {})["sets"][0]["scalars"] == ["loss"]
    assert [one["tag"] for one in routes.log.scalar_series({})["series"]] == ["loss"]
    ask_everything(routes)


@pytest.mark.browser
@pytest.mark.skipif(program() is None, reason="Chromium is not installed")
def test_every_page_of_such_logs_opens_and_reacts(tmp_path):
    for seed in range(30):
        rng = random.Random(1000 + seed)
        write(tmp_path / f"r{seed}" / NAME, *(any_record(rng, i) for i in range(25)))
    touch = """(async () => {
        const all = (s) => [...document.querySelectorAll('#data-view ' + s)];
        const turn = () => new Promise(done => setTimeout(done, 250));
        for (const e of all('details')) e.open = true;
        await turn();
        for (const e of all('select')) { e.selectedIndex = 1; e.dispatchEvent(new Event('change')); }
        await turn();
        for (const e of all('input[type=range]')) { e.value = e.min || 0; e.dispatchEvent(new Event('input')); }
        for (const e of all('.tabs button, input[type=checkbox]').slice(0, 6)) { e.click(); await turn(); }
        document.getElementById('data-view').scrollTop = 1500;
        await turn();
    })()"""
    with running(tmp_path) as server, Chromium() as browser:
        for view in ("graph", "scalars", "histograms", "images", "audio", "text", "pr", "custom", "hparams", "other", "profile", "diff"):
            browser.open("about:blank")
            browser.problems.clear()
            browser.open(server.url + f"#view={view}")
            browser.wait(f"document.querySelector('#views [data-view={view}][aria-selected=true], [data-failed]')")
            browser.ask(touch)
            assert [text for text in browser.problems if "status of 400" not in text] == [], view  # a graph that is none is refused
