# ruff: noqa: E501 - what runs in the page is easier to read on long lines
"""The pages of a log in headless Chromium: complete, current, and at scale."""

import json
import threading
import time

import numpy as np
import pytest

from graphflow.formats.png import encode_png
from graphflow.formats.record import frame
from graphflow.formats.wav import encode_wav
from graphflow.viewer.logs.file_log import FileLog
from graphflow.viewer.runs import RunStore
from graphflow.viewer.server import ViewServer, serve
from tests.viewer.logs import NAME, field, hparams_session, scalars, summary, tensor, text, write
from tests.viewer.test_server import running
from tools.chromium import Chromium, program
from tools.viewer_graphs import block, scoped

pytestmark = [pytest.mark.browser, pytest.mark.skipif(program() is None, reason="Chromium is not installed")]
LABEL = "document.querySelector('[data-tag={}] .plot')?.getAttribute('aria-label')"
CHOOSE = "(() => {{ const e = document.querySelector('{0}'); e.value = {1}; e.dispatchEvent(new Event('{2}')); }})()"


@pytest.fixture(scope="module")
def browser():
    with Chromium() as found:
        yield found


def opened(browser, server, link):
    browser.open("about:blank")
    browser.problems.clear()
    browser.open(server.url + link)
    browser.wait("document.querySelector('#views button')")


def told(browser, tag, words, seconds=20):
    browser.wait(f"({LABEL.format(tag)} ?? '').includes({json.dumps(words)})", seconds)


def test_a_page_that_is_opened_while_the_log_is_first_read_becomes_complete(browser, tmp_path, monkeypatch):
    for run in "ab":
        write(tmp_path / run / NAME, *(scalars(i, loss=float(i)) for i in range(3000)))
    real = FileLog.read
    monkeypatch.setattr(FileLog, "read", lambda self, most=0: time.sleep(0.1) or real(self, 6000))
    server = ViewServer(RunStore(tmp_path))
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}), threading.Thread(target=server.watch)]
    for thread in threads:
        thread.start()
    try:
        opened(browser, server, "#view=scalars")
        browser.wait("!document.getElementById('progress').hidden")
        browser.wait(f"{LABEL.format('loss')}")
        told(browser, "loss", "b: 3000 points, from 0 to 2999", 60)
        told(browser, "loss", "a: 3000 points, from 0 to 2999")
        browser.wait("document.getElementById('progress').hidden")
        assert not browser.problems
    finally:
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()


def test_a_spike_among_ten_thousand_points_is_drawn_and_told_and_a_zoom_asks_for_more(browser, tmp_path):
    values = [0.1] * 10_000
    values[6543] = 3.0
    write(tmp_path / NAME, *(scalars(i, loss=v) for i, v in enumerate(values)))
    with running(tmp_path) as server:
        opened(browser, server, "#view=scalars")
        told(browser, "loss", "10000 points, from 0.1 to 0.1, least 0.1, most 3")
        assert "each pixel shows the least, the greatest and the last" in browser.ask("document.querySelector('.note').textContent")
        browser.ask("document.querySelector('.plot').focus()")
        asked = len(browser.requests)
        for _ in range(6):
            browser.key("+")
            time.sleep(0.1)
        time.sleep(0.5)
        assert any("from=" in url for url in browser.requests[asked:])


def test_a_slow_answer_does_not_overwrite_the_page_that_one_went_to(browser, tmp_path, monkeypatch):
    write(tmp_path / NAME, scalars(0, loss=1.0), text("notes", "hello"))
    with running(tmp_path) as server:
        slow = server.routes.log.table["scalars"]
        monkeypatch.setitem(server.routes.table, "scalars", lambda q: time.sleep(1.0) or slow(q))
        opened(browser, server, "#view=scalars")
        browser.wait("document.querySelector('[data-tag=loss]')")
        browser.click("[data-view=text]")
        browser.wait("document.querySelector('[data-tag=notes] .markdown')")
        time.sleep(1.3)
        assert browser.ask("document.querySelectorAll('[data-tag=loss]').length") == 0
        assert browser.ask("document.body.dataset.view") == "text" and not browser.problems


def test_a_server_that_dies_is_told_and_a_new_one_on_the_port_takes_over(browser, tmp_path):
    path = write(tmp_path / NAME, scalars(0, loss=1.0))

    def start(port):
        store = RunStore(tmp_path)
        store.refresh()
        server = serve(store, "127.0.0.1", port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        return server, thread

    server, thread = start(0)
    port = server.server_address[1]
    opened(browser, server, "#view=scalars")
    told(browser, "loss", "1 points")
    server.shutdown()
    server.server_close()
    thread.join()
    browser.wait("!document.getElementById('lost').hidden", 30)
    with path.open("ab") as file:
        file.write(scalars(1, loss=2.0))
    server, thread = start(port)
    try:
        assert server.server_address[1] == port
        told(browser, "loss", "2 points", 30)
        assert browser.ask("document.getElementById('lost').hidden")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        browser.open("about:blank")


def test_six_tabs_share_one_stream(browser, tmp_path):
    write(tmp_path / NAME, scalars(0, loss=1.0))
    with running(tmp_path) as server:
        opened(browser, server, "#view=scalars")
        told(browser, "loss", "1 points")
        tabs = [browser._call("Target.createTarget", url=server.url)["targetId"] for _ in range(6)]
        time.sleep(2)
        assert len(server.listeners) == 1
        for tab in tabs:
            browser._call("Target.closeTarget", targetId=tab)
        browser.open("about:blank")


def test_thousands_of_runs_are_listed_without_thousands_of_elements(browser, tmp_path):
    for i in range(3000):
        write(tmp_path / f"run_{i}" / NAME, scalars(0, loss=float(i)))
    with running(tmp_path) as server:
        opened(browser, server, "#view=scalars")
        told(browser, "loss", "run_49: 1 points", 60)
        assert "run_50:" not in browser.ask(LABEL.format("loss"))  # the first fifty are ticked
        assert browser.ask("document.querySelector('.count').textContent") == "50 of 3000"
        assert browser.ask("document.querySelectorAll('*').length") < 1500
        browser.ask("document.querySelector('.run-rows').scrollTop = 1e9")
        browser.wait("[...document.querySelectorAll('.run .name')].some(e => e.textContent === 'run_2999')")
        browser.ask(CHOOSE.format("#runs input[type=search]", "'_299[0-3]$'", "input"))
        browser.wait("document.querySelectorAll('.run').length === 4")
        browser.ask("[...document.querySelectorAll('#runs .link')].find(e => e.textContent === 'All').click()")
        told(browser, "loss", "run_2993: 1 points")
        assert not browser.problems


def test_runs_tags_pins_and_settings_are_found_again_by_a_link(browser, tmp_path):
    for run in ("a/train", "a/eval", "b/train"):
        write(tmp_path / run / NAME, *(scalars(i, **{"loss/total": 1.0 / (i + 1), "accuracy": float(i), "rate": 0.1}) for i in range(5)))
    with running(tmp_path) as server:
        opened(browser, server, "#view=scalars")
        browser.wait("document.querySelectorAll('[data-drawn]').length === 3")
        look = browser.ask("[...document.querySelectorAll('.run')].map(e => [e.innerText.trim().split('\\n')[0], e.querySelector('.pick').value])")
        browser.ask(CHOOSE.format("#runs input[type=search]", "'train$'", "input"))
        browser.ask(CHOOSE.format("#data-view input[type=search]", "'^(loss|acc)'", "input"))
        browser.wait("document.querySelectorAll('figure.chart').length === 2")
        browser.ask("document.querySelector('[data-tag=accuracy] .icons button').click()")
        browser.wait("document.querySelectorAll('figure.chart').length === 3")  # pinned above, and in its place
        browser.ask("document.querySelector('[data-option=outliers]').click()")
        link = browser.ask("location.hash")
        browser.ask("sessionStorage.clear()")
        opened(browser, server, link)
        browser.wait("document.querySelectorAll('figure.chart[data-drawn]').length === 3")
        assert browser.ask("document.querySelectorAll('.run').length") == 2
        assert browser.ask("document.querySelector('[data-option=outliers]').checked")
        assert browser.ask("document.querySelector('figure.chart').dataset.tag") == "accuracy"
        again = browser.ask("[...document.querySelectorAll('.run')].map(e => [e.innerText.trim().split('\\n')[0], e.querySelector('.pick').value])")
        assert again == [pair for pair in look if pair[0].endswith("train")]  # colours stay


def test_a_card_fills_the_window_and_escape_brings_it_back(browser, tmp_path):
    write(tmp_path / NAME, *(scalars(i, loss=1.0 / (i + 1)) for i in range(50)))
    with running(tmp_path) as server:
        opened(browser, server, "#view=scalars")
        browser.wait("document.querySelector('[data-drawn] canvas')")
        before = browser.ask("document.querySelector('.plot canvas').clientHeight")
        browser.ask("document.querySelectorAll('.icons button')[2].click()")
        browser.wait(f"document.querySelector('.plot canvas').clientHeight > {2 * before}")
        browser.key("Escape")
        browser.wait(f"document.querySelector('.plot canvas').clientHeight === {before}")


def test_charts_do_not_wait_for_a_graph_which_is_drawn_as_the_link_says_when_it_is_asked_for(browser, tmp_path):
    write(tmp_path / NAME, frame(block(4, scoped(300))), *(scalars(i, loss=1.0) for i in range(5)))
    with running(tmp_path) as server:
        opened(browser, server, "")
        browser.wait("document.querySelector('.box:not(.op)')")
        scope = browser.ask("document.querySelector('.box:not(.op) [data-label]').dataset.label + '/'")
        opened(browser, server, f"#view=scalars&x={scope}&color=dtype")
        told(browser, "loss", "5 points")
        assert not any("viz.wasm" in url or "/graph/" in url for url in browser.requests)
        assert f"x={scope}" in browser.ask("decodeURIComponent(location.hash)")  # a link made now still says what the other said
        browser.click("[data-view=graph]")
        browser.wait(f"document.querySelector('.cluster [data-label={json.dumps(scope[:-1])}]')")
        assert browser.ask("document.getElementById('color-picker').value") == "dtype"
        browser.click("[data-view=scalars]")
        browser.key("/")
        browser.type("nothing")  # a page of a log has its own search, over tags
        browser.wait("document.querySelectorAll('figure.chart').length === 0")
        assert not browser.problems


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A log with a value of every kind at several steps."""
    folder = tmp_path_factory.mktemp("kinds")
    png = [encode_png(np.full((6, 8, 3), shade, np.uint8)) for shade in (0, 120, 250)]
    wav = [encode_wav(np.zeros((100, 1)), 8000)] * 2
    records = []
    for step in range(4):
        records.append(summary(step, tensor("batch", np.array([b"8", b"6", *png], object), "images"),
                               tensor("tones", np.array([[wav[0], b"first"], [wav[1], b"second"]], object), "audio"),
                               tensor("pr", np.array([[9, 5, 1], [4, 1, 0], [0, 3, 4], [0, 4, 8], [0.7, 0.83, 1.0], [1.0, 0.6, 0.1]], "f"), "pr_curves")))  # fmt: skip
        records.append(text("notes", f"# Step {step}\n\n* one\n* **two**\n\nline\nbreak <script>window.bad = 1</script><img src=x onerror='window.bad = 1'> [link](javascript:window.bad=1)", step))
        records.append(scalars(step, **{"loss/mean": 1.0 / (step + 1), "loss/low": 0.5 / (step + 1), "loss/high": 2.0 / (step + 1)}))
    layout = field(2, field(1, "losses") + field(2, field(1, "all of them") + field(2, field(1, "loss/.*"))))
    layout += field(2, field(1, "bands") + field(2, field(1, "band") + field(3, field(1, field(1, "loss/mean") + field(2, "loss/low") + field(3, "loss/high")))))
    records.append(summary(0, tensor("custom_scalars__config__", np.array(layout, object), "custom_scalars")))
    keras = {"class_name": "Sequential", "config": {"name": "net", "layers": [{"class_name": "Dense", "config": {"name": "hidden", "units": 4}}, {"class_name": "Dense", "config": {"name": "score"}}]}}
    records.append(summary(0, tensor("keras", np.array(json.dumps(keras).encode(), object), "graph_keras_model")))
    records.append(summary(0, tensor("cube", np.zeros((1, 4, 3), "f"), "mesh")))
    write(folder / "kinds" / NAME, *records)
    for i, (rate, name) in enumerate([(0.1, "adam"), (0.01, "sgd"), (0.001, "adam")]):
        write(folder / f"trial_{i}" / NAME, summary(0, hparams_session({"rate": rate, "optimizer": name})), *(scalars(s, score=i + s / 10) for s in range(3)))
    return folder


def test_texts_are_markdown_and_harmless(browser, kinds):
    with running(kinds) as server:
        opened(browser, server, "#view=text")
        browser.wait("document.querySelector('.markdown h1')")
        assert browser.ask("document.querySelector('.markdown h1').textContent") == "Step 3"
        assert browser.ask("[...document.querySelectorAll('.markdown li')].map(e => e.textContent).join()") == "one,two"
        assert "line\nbreak" in browser.ask("document.querySelector('.markdown').textContent")
        assert "<script>window.bad = 1</script>" in browser.ask("document.querySelector('.markdown').textContent")
        assert browser.ask("window.bad === undefined && !document.querySelector('.markdown :is(img, script, [onerror])')")
        assert browser.ask("document.querySelector('.markdown a')?.getAttribute('href') ?? null") is None
        browser.ask(CHOOSE.format(".slide input", "1", "input"))
        browser.wait("document.querySelector('.markdown h1').textContent === 'Step 1'")
        assert not browser.problems


def test_every_image_of_a_batch_and_every_sound_of_each_step_is_there(browser, kinds):
    with running(kinds) as server:
        opened(browser, server, "#view=images")
        browser.wait("document.querySelectorAll('.item img').length === 3 && [...document.querySelectorAll('.item img')].every(e => e.naturalWidth === 8)")
        browser.ask("document.querySelector('.bar input[type=checkbox]').click()")
        browser.wait("document.querySelector('.item img').clientWidth === 8")
        browser.ask(CHOOSE.format(".slide input", "0", "input"))
        browser.wait("document.querySelector('.slide output').textContent.startsWith('0 (1 of 4)')")
        contrast = "getComputedStyle(document.getElementById('data-view')).getPropertyValue('--contrast')"
        browser.ask(CHOOSE.format("[aria-label=Contrast]", "2", "input"))
        browser.wait(f"{contrast} === '2'")
        browser.ask("[...document.querySelectorAll('.bar .link')].find(e => e.textContent === 'Reset').click()")
        browser.wait(f"{contrast} === '1' && document.querySelector('[aria-label=Contrast]').value === '1'")
        opened(browser, server, "#view=audio")
        browser.wait("document.querySelectorAll('audio[src]').length === 2")
        assert "second" in browser.ask("document.querySelector('.runs-of-tag').innerText")
        assert not browser.problems


def test_hyperparameters_are_a_table_lines_and_dots(browser, kinds):
    with running(kinds) as server:
        opened(browser, server, "#view=hparams")
        browser.wait("document.querySelectorAll('.hparams tbody tr').length === 3")
        browser.ask("[...document.querySelectorAll('.sort')].find(e => e.textContent.startsWith('score')).click()")
        browser.wait("document.querySelector('.hparams tbody tr').innerText.includes('trial_2')")
        browser.ask("[...document.querySelectorAll('.tabs button')][1].click()")
        browser.wait("document.querySelectorAll('.hparams path.line').length === 3")
        browser.ask("[...document.querySelectorAll('.tabs button')][2].click()")
        browser.wait("document.querySelectorAll('.hparams circle').length === 6")  # two parameters, a metric, three sessions
        across = "[...document.querySelectorAll('.hparams figure')].find(e => e.innerText.includes('rate')).querySelectorAll('circle')[1].getAttribute('cx')"
        middle = float(browser.ask(across))  # 0.01 of 0.1, 0.01 and 0.001: in the middle by logarithm
        browser.ask(CHOOSE.format('[aria-label="Scale of numbers"]', "'linear'", "change"))
        browser.wait(f"{across} < {middle - 20}")
        assert browser.ask("[...document.querySelectorAll('.run.none')].map(e => e.innerText.trim().split('\\n')[0]).join()") == "kinds"
        assert not browser.problems


@pytest.mark.parametrize(("view", "there"), [("pr", "[data-tag=pr][data-drawn] canvas"), ("custom", "[data-tag=band][data-drawn] canvas"), ("other", "table.plainly"),
                                             ("graph", "[data-label=hidden]")])  # fmt: skip
def test_each_kind_of_data_has_its_page(browser, kinds, view, there):
    with running(kinds) as server:
        opened(browser, server, f"#view={view}")
        browser.wait(f"document.querySelector('{there}')")
        assert not browser.problems


def test_a_log_without_scalars_opens_with_what_it_has_and_says_so(browser, tmp_path):
    write(tmp_path / NAME, text("notes", "only words"))
    with running(tmp_path) as server:
        opened(browser, server, "")
        browser.wait("document.querySelector('.markdown')")
        opened(browser, server, "#view=scalars")
        browser.wait("document.getElementById('data-view').innerText.includes('they hold Text')")


def test_a_run_that_was_trained_again_shows_the_new_points_alone(browser, tmp_path):
    path = write(tmp_path / "run/events.out.tfevents.1.a", *(scalars(i, loss=1.0) for i in range(100)))
    with running(tmp_path, watch=True) as server:
        opened(browser, server, "#view=scalars")
        told(browser, "loss", "100 points")
        path.unlink()
        write(tmp_path / "run/events.out.tfevents.2.a", *(scalars(i, loss=2.0) for i in range(30)))
        told(browser, "loss", "30 points, from 2 to 2, least 2, most 2")
        assert not browser.problems
