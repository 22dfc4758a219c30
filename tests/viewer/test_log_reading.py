"""Event files as columns: every point kept, alike events taken in at once, damage passed over, files that change under the reader."""

import math
import os
import shutil
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphflow.formats.proto import Event, SessionLog, Summary
from graphflow.formats.record import frame
from graphflow.viewer import runs
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.log_routes import LogRoutes
from graphflow.viewer.logs import bins, file_log
from graphflow.viewer.logs.event_values import TagNotes
from graphflow.viewer.logs.file_log import FileLog
from graphflow.viewer.runs import RunStore, folders_of
from tests.viewer.logs import NAME, event, scalars, write


def store_of(path, **more):
    store = RunStore(path, **more)
    store.refresh()
    return store


def only(store):
    (run,) = store.runs.values()
    return run


def read_whole(path, most=1 << 20):
    log = FileLog(path, TagNotes(), lambda step: None)
    log.look()
    while log.more:
        log.read(most)
    return log


def test_every_point_is_kept_and_alike_events_are_taken_in_at_once(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5000, 3)).astype("f")
    path = write(tmp_path / NAME, *(scalars(i, a=row[0], b=row[1], c=row[2]) for i, row in enumerate(values.tolist())))
    parsed = []
    real = file_log.proto.parse
    monkeypatch.setattr(file_log.proto, "parse", lambda *args: parsed.append(1) or real(*args))
    log = read_whole(path)
    for k, tag in enumerate("abc"):
        step, wall, _, value = log.series(("scalars", tag))
        np.testing.assert_array_equal(step, np.arange(5000))
        np.testing.assert_array_equal(wall, 1.7e9 + np.arange(5000))
        np.testing.assert_array_equal(value, values[:, k])
    assert len(parsed) < 50  # the others by their pattern


@st.composite
def logs(draw):
    """Records of events whose tags, lengths and steps vary, in long and short rows of alike ones."""
    records, points, step = [], [], draw(st.integers(0, 300))
    for _ in range(draw(st.integers(1, 6))):
        tags = draw(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4, unique=True))
        for _ in range(draw(st.integers(1, 8))):
            step += draw(st.integers(0, 40))
            wall = draw(st.floats(allow_nan=False, width=64))
            row = [draw(st.floats(width=32)) for _ in tags]
            points += [(tag, step, wall, value) for tag, value in zip(tags, row, strict=True)]
            records.append(frame(Event(wall_time=wall, step=step, summary=Summary(
                value=[Summary.Value(tag=t, simple_value=v) for t, v in zip(tags, row, strict=True)])).SerializeToString()))  # fmt: skip
    return records, points


@settings(max_examples=60)
@given(logs(), st.integers(40, 400))
def test_reading_in_rows_and_slices_gives_what_was_written(tmp_path_factory, written, most):
    records, points = written
    log = read_whole(write(tmp_path_factory.mktemp("log") / NAME, *records), most)
    for tag in {p[0] for p in points}:
        step, wall, _, value = log.series(("scalars", tag))
        mine = [p[1:] for p in points if p[0] == tag]
        assert [(s, w, repr(v)) for s, w, v in zip(step.tolist(), wall.tolist(), value.tolist(), strict=True)] == [
            (s, w, repr(v)) for s, w, v in mine]  # fmt: skip


def test_a_record_with_bad_data_is_left_out_also_amid_alike_ones(tmp_path):
    records = [scalars(i, loss=float(i), other=1.0) for i in range(100)]
    broken = bytearray(records[50])
    broken[-6] ^= 1  # a byte of the last value
    records[50] = bytes(broken)
    store = store_of(write(tmp_path / "run" / NAME, *records).parents[1])
    assert only(store).series("loss")[0].tolist() == [i for i in range(100) if i != 50]
    offset = sum(map(len, records[:50]))
    assert any(f"byte {offset}" in note.text and "left out" in note.text for note in store.all_notes()) and store.bad == 1


def test_a_length_that_cannot_be_trusted_ends_the_file_and_is_told_once(tmp_path):
    records = [scalars(i, loss=float(i)) for i in range(10)]
    broken = bytearray(records[5])
    broken[0] ^= 1
    write(tmp_path / NAME, *records[:5], bytes(broken), *records[6:])
    store = store_of(tmp_path)
    store.refresh()
    assert only(store).series("loss")[0].tolist() == [0, 1, 2, 3, 4]
    assert len(store.all_notes()) == 1 and "ends here" in store.all_notes()[0].text


def test_a_cut_record_waits_for_its_rest_without_being_read_again_and_again(tmp_path, monkeypatch):
    whole = scalars(1, loss=1.0)
    path = write(tmp_path / NAME, scalars(0, loss=0.0), whole[:-3])
    store = store_of(tmp_path)
    reads = []
    real = FileLog.read
    monkeypatch.setattr(FileLog, "read", lambda self, *args: reads.append(1) or real(self, *args))
    for _ in range(5):
        store.refresh()
    assert not reads and only(store).series("loss")[2].tolist() == [0.0]
    assert "ends inside a record" in store.files[0][1].unfinished()
    with path.open("ab") as file:
        file.write(whole[-3:])
    store.refresh()
    assert only(store).series("loss")[2].tolist() == [0.0, 1.0]


def test_a_run_that_was_removed_and_trained_again_holds_the_new_points_alone(tmp_path):
    write(tmp_path / "run/events.out.tfevents.1.a", *(scalars(i, loss=1.0) for i in range(100)))
    store = store_of(tmp_path)
    shutil.rmtree(tmp_path / "run")
    store.refresh()
    assert len(only(store).series("loss")[0]) == 100  # shown until there is something new
    write(tmp_path / "run/events.out.tfevents.2.a", *(scalars(i, loss=2.0) for i in range(30)))
    store.refresh()
    assert only(store).series("loss")[2].tolist() == [2.0] * 30


def test_of_a_run_of_two_files_that_was_trained_again_under_the_name_of_the_first_nothing_old_is_left(tmp_path):
    first, second = tmp_path / "run/events.out.tfevents.1.a", tmp_path / "run/events.out.tfevents.2.a"
    write(first, *(scalars(i, loss=1.0) for i in range(4)))
    write(second, *(scalars(i, loss=1.0) for i in range(4, 6)))
    store = store_of(tmp_path)
    shutil.rmtree(tmp_path / "run")
    write(first, *(scalars(i, loss=2.0) for i in range(3)))
    store.refresh()
    assert only(store).series("loss")[2].tolist() == [2.0] * 3
    assert any("vanished and a new one came" in note.text for note in store.all_notes())


@pytest.mark.parametrize("way", ["new file of the same name", "shorter in place", "longer in place"])
def test_a_file_that_was_replaced_is_read_from_its_start(tmp_path, way):
    path = write(tmp_path / NAME, *(scalars(i, loss=1.0) for i in range(50)))
    store = store_of(tmp_path)
    again = [scalars(i + 7, loss=2.0) for i in range(20 if way == "shorter in place" else 80)]
    if way == "new file of the same name":
        path.rename(tmp_path / "old")
        write(path, *again)
    else:
        with path.open("r+b") as file:
            file.truncate(0)
            file.write(b"".join(again))
    store.refresh()
    assert only(store).series("loss")[2].tolist() == [2.0] * len(again)
    assert any("replaced" in note.text for note in store.all_notes())


def test_a_session_that_starts_anew_at_a_step_takes_back_what_came_after_it(tmp_path):
    start = lambda step: event(step, session_log=SessionLog(status=SessionLog.START))  # noqa: E731
    write(tmp_path / "events.out.tfevents.1.a", start(0), *(scalars(i, loss=1.0) for i in range(100)))
    write(tmp_path / "events.out.tfevents.2.a", start(60), *(scalars(i, loss=2.0) for i in range(60, 80)))
    step, _, value = only(store_of(tmp_path)).series("loss")
    assert step.tolist() == list(range(80)) and value.tolist() == [1.0] * 60 + [2.0] * 20


@pytest.mark.parametrize("wall", [math.nan, math.inf, -math.inf])
def test_wall_times_that_are_no_times_leave_the_steps_whole(tmp_path, wall):
    write(tmp_path / NAME, scalars(0, loss=1.0), scalars(1, wall=wall, loss=2.0), scalars(2, loss=3.0))
    store = store_of(tmp_path)
    routes = LogRoutes(store)
    by_step, by_wall = (routes.scalar_series({"axis": [axis]})["series"][0] for axis in ("step", "wall"))
    assert by_step["value"].tolist() == [1.0, 2.0, 3.0] and by_step["left"] == 0
    assert by_wall["value"].tolist() == [1.0, 3.0] and by_wall["left"] == 1
    assert all(math.isfinite(only(store).first + only(store).last) for _ in (0,))
    routes.runs({})  # goes into JSON, which has no NaN


def test_a_spike_among_many_points_is_in_the_answer(tmp_path):
    values = [0.1] * 10_000
    values[6543] = 3.0
    write(tmp_path / NAME, *(scalars(i, loss=v) for i, v in enumerate(values)))
    store = store_of(tmp_path)
    found = LogRoutes(store).scalar_series({"max": ["300"]})["series"][0]
    assert len(found["step"]) <= 310 and found["total"] == 10_000
    assert found["high"].max() == 3.0 and found["low"].min() == pytest.approx(0.1)
    near = LogRoutes(store).scalar_series({"max": ["300"], "from": ["6500"], "to": ["6600"]})["series"][0]
    assert 3.0 in near["value"].tolist()  # a closer look has the point itself
    assert found["count"].sum() == 10_000


@settings(max_examples=80)
@given(st.lists(st.floats(width=32), min_size=1, max_size=400), st.integers(1, 20), st.booleans())
def test_pixels_hold_the_least_greatest_and_last_of_their_points(values, pixels, windowed):
    x = np.arange(len(values)) * 3
    y = np.array(values)
    window = (float(x[len(x) // 3]), float(x[-1])) if windowed else None
    found = bins.thinned(x, y, pixels, window)
    if found is None:
        return
    ends = found["at"]
    starts = [0, *(ends[:-1] + 1)]
    assert ends[-1] == len(y) - 1
    for k, (a, b) in enumerate(zip(starts, ends, strict=True)):
        some = y[a : b + 1]
        fine = some[np.isfinite(some)]
        assert found["count"][k] == len(fine)
        if len(fine):
            assert (found["low"][k], found["high"][k], found["last"][k]) == (fine.min(), fine.max(), fine[-1])
        flags = bins.NAN * np.isnan(some).any() | bins.PLUS * (some == np.inf).any() | bins.MINUS * (some == -np.inf).any()
        assert found["odd"][k] == flags


def test_all_steps_of_histograms_and_all_images_of_a_batch_can_be_reached(tmp_path):
    from graphflow.formats.histogram import histogram
    from graphflow.formats.png import encode_png
    from graphflow.formats.tensor_proto import proto_from_array

    png = encode_png(np.zeros((2, 3, 3), np.uint8))
    records = [event(i, summary=Summary(value=[Summary.Value(tag="w", histo=histogram(np.arange(i + 1.0)))])) for i in range(1000)]
    batch = Summary.Value(tag="pictures", tensor=proto_from_array(np.array([b"3", b"2", png, png, png], object)))
    batch.metadata.plugin_data.plugin_name = "images"
    store = store_of(write(tmp_path / NAME, *records, event(5, summary=Summary(value=[batch]))).parent)
    routes = LogRoutes(store)
    (found,) = routes.entries({"most": ["10"]}, "histograms")["series"]
    assert (found["total"], len(found["entries"]), found["steps"]) == (1000, 10, list(range(1000)))
    (one,) = routes.entries({"index": ["777"]}, "histograms")["series"]
    assert [(e["step"], e["num"]) for e in one["entries"]] == [(777, 778.0)]
    (pictures,) = routes.entries({"index": ["-1"]}, "images")["series"]
    assert [item["width"] for item in pictures["entries"][0]["items"]] == [3, 3, 3]
    for item in "012":
        assert routes.media({"run": [pictures["run"]], "tag": ["pictures"], "index": ["0"], "item": [item]}, "images").data == png


def test_what_stood_in_a_file_that_is_gone_is_told_and_not_mixed_up(tmp_path):
    from graphflow.formats.histogram import histogram

    path = write(tmp_path / NAME, event(1, summary=Summary(value=[Summary.Value(tag="w", histo=histogram(np.ones(3)))])))
    store = store_of(tmp_path)
    path.unlink()
    (found,) = LogRoutes(store).entries({"most": ["1"]}, "histograms")["series"]
    assert "cannot be read any more" in found["entries"][0]["error"]


def test_tags_that_come_in_ever_new_sets_share_no_table_without_end(tmp_path):
    records = [scalars(i, **{f"t{(i * 7 + k) % 60}": float(k) for k in range(1 + i % 5)}) for i in range(2000)]
    log = read_whole(write(tmp_path / NAME, *records))
    assert len(log.tables) <= file_log.MOST_TABLES + 70
    assert sum(len(log.series(key)[0]) for key in log.columns) == sum(1 + i % 5 for i in range(2000))


def test_several_folders_stand_under_their_names(tmp_path):
    for name in ("x", "y"):
        write(tmp_path / name / "train" / NAME, scalars(1, loss=1.0))
    folders = folders_of(f"one:{tmp_path / 'x'},two:{tmp_path / 'y'}")
    store = store_of(tmp_path, folders=folders)
    assert sorted(run.name for run in store.runs.values()) == ["one/train", "two/train"]
    assert folders_of(str(tmp_path)) is None
    with pytest.raises(ViewerError, match="no such folder"):
        folders_of(f"one:{tmp_path / 'x'},two:{tmp_path / 'nowhere'}")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_linked_log_folder_is_read_and_a_link_that_leads_out_is_told(tmp_path):
    write(tmp_path / "real" / NAME, scalars(1, loss=1.0))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert len(only(store_of(tmp_path / "link")).series("loss")[0]) == 1
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/out").symlink_to(tmp_path / "real")
    store = store_of(tmp_path / "logs")
    assert not store.runs and any("leads out" in note.text and "a:" in note.text for note in store.all_notes())


class Clock:
    """Time that passes only when something waits or is made to cost some. Stands for the module `time`."""

    def __init__(self):
        self.now = 1e6
        self.monotonic = self.time = self.thread_time = lambda: self.now


def test_looking_at_files_that_rest_costs_little_and_growth_is_still_found(tmp_path, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(runs, "time", clock)
    for i in range(1000):
        path = write(tmp_path / f"run{i}" / NAME, scalars(1, loss=1.0))
        os.utime(path, (clock.now - 7200, clock.now - 7200))
    store = store_of(tmp_path)
    looks = []

    def look(self, real=FileLog.look):  # 15 us each, as they take on a slow machine
        looks.append(self)
        clock.now += 15e-6
        return real(self)

    monkeypatch.setattr(FileLog, "look", look)
    began = clock.now
    while clock.now < began + 120:
        store.refresh(paced=True)
        clock.now += store.pause()
    assert 15e-6 * len(looks) / (clock.now - began) < 0.012 and len(set(map(id, looks))) == 1000
    with (tmp_path / "run7" / NAME).open("ab") as file:
        file.write(scalars(2, loss=2.0))
    os.utime(tmp_path / "run7" / NAME, (clock.now, clock.now))
    began = clock.now
    while not store.refresh(paced=True):
        clock.now += store.pause()
    assert clock.now - began < 2
    for step in range(3, 6):  # and from then on at once, though the others rest
        with (tmp_path / "run7" / NAME).open("ab") as file:
            file.write(scalars(step, loss=2.0))
        os.utime(tmp_path / "run7" / NAME, (clock.now, clock.now))
        clock.now += store.pause()
        assert store.pause() <= runs.OFTEN and store.refresh(paced=True)
    assert [len(r.series("loss")[0]) for r in store.runs.values() if r.name == "run7"] == [5]


def test_the_csv_holds_every_point_and_no_formula(tmp_path):
    import csv
    import io

    write(tmp_path / "=evil(1),2" / NAME, *(scalars(i, loss=v) for i, v in enumerate([1.5, math.nan, -2.0])))
    answer = LogRoutes(store_of(tmp_path)).scalars_csv({})
    rows = list(csv.reader(io.StringIO(b"".join(answer.data).decode())))
    assert rows[0] == ["run", "tag", "step", "wall_time", "value"]
    assert [row[4] for row in rows[1:]] == ["1.5", "nan", "-2.0"] and {row[0] for row in rows[1:]} == {"'=evil(1),2"}


def test_runs_are_answered_by_what_changed_and_share_their_lists_of_tags(tmp_path):
    for i in range(5):
        write(tmp_path / f"run{i}" / NAME, scalars(1, a=1.0, b=2.0))
    store = store_of(tmp_path)
    routes = LogRoutes(store)
    whole = routes.runs({})
    assert len(whole["runs"]) == 5 and len(whole["sets"]) == 1
    with (tmp_path / "run3" / NAME).open("ab") as file:
        file.write(scalars(2, a=2.0, c=1.0))
    store.refresh()
    since = {"since": [str(whole["stamp"])], "boot": [whole["boot"]]}
    later = routes.runs(since)
    assert [run["name"] for run in later["runs"]] == ["run3"] and later["sets"][0]["scalars"] == ["a", "b", "c"]
    assert len(routes.runs(since | {"boot": ["another server"]})["runs"]) == 5


def test_first_events_of_another_kind_do_not_hide_what_a_damaged_log_says(tmp_path):
    write(tmp_path / NAME, b"\x00" * 40)
    with pytest.raises(ViewerError, match="nothing to show: .*checksum of its length"):
        raise ViewerError(store_of(tmp_path).advice())
    assert struct.calcsize("<QI") == 12


def test_embeddings_are_told_with_what_opens_them(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / NAME).write_bytes(b"")
    (tmp_path / "run" / "projector_config.pbtxt").write_text('embeddings { tensor_name: "words" }')
    store = RunStore(tmp_path)
    for _ in range(2):
        store.refresh()
    told = [note.text for note in store.all_notes()]
    assert len(told) == 1 and "projector_config.pbtxt" in told[0] and f"tensorboard --logdir {tmp_path}" in told[0]
