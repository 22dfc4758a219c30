"""The numbers behind the charts: smoothing, gaps, axes, histograms' bins, as the page's modules compute them."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graphflow.viewer import static_files
from graphflow.viewer.log_routes import LogRoutes
from graphflow.viewer.runs import RunStore
from tests.viewer.logs import NAME, scalars, write

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def ask(tmp_path_factory, node):
    folder = tmp_path_factory.mktemp("static")
    shutil.copytree(static_files.STATIC, folder / "static", ignore=shutil.ignore_patterns("vendor"))
    (folder / "static/package.json").write_text('{"type": "module"}')

    def asked(*calls):
        (folder / "in.json").write_text(json.dumps(calls))
        args = [node, HERE / "chart_calls.mjs", folder / "static", folder / "in.json", folder / "out.json"]
        subprocess.run([str(a) for a in args], check=True)
        return json.loads((folder / "out.json").read_text())

    return asked


def numbers(values):
    return {"$": [v if isinstance(v, int) or v == v and abs(v) < float("inf") else str(v) for v in values]}


def series(values, run="a", steps=None, **more):
    steps = steps or list(range(len(values)))
    arrays = {"step": steps, "wall": [1000.0 + 2 * s for s in steps], "value": values} | more
    plain = {"run": run, "tag": "loss", "total": len(values), "left": 0, "start": 1000.0 + 2 * steps[0]}
    return plain | {k: numbers(v) for k, v in arrays.items()}


NAN, INF = float("nan"), float("inf")


def test_smoothing_starts_at_the_first_value_and_passes_over_what_is_not_finite(ask):
    found, none, holes = ask(["smooth", [4, 2, 2, 2], 0.5], ["smooth", [1, 5], 0], ["smooth", numbers([4, NAN, 2]), 0.5])
    assert found[0] == 4 and found[1] == pytest.approx((2 + 0.5 * 4) / 1.5 * 1) and found == sorted(found, reverse=True)
    assert none == [1, 5] and holes == [4, "NaN", found[1]]


def test_smoothing_does_not_depend_on_how_finely_a_series_was_thinned(ask):
    values = [(i * 37 % 101) / 101 for i in range(400)]
    means = [sum(values[i : i + 4]) / 4 for i in range(0, 400, 4)]
    exact, thin = ask(["smooth", values, 0.95], ["smooth", means, 0.95, [4] * 100])
    for i in (20, 50, 99):
        assert thin[i] == pytest.approx(exact[4 * i + 3], abs=0.03)


def test_a_gap_is_marked_and_not_bridged(ask):
    curve = ask(["curve", series([1, NAN, INF, 2, 3]), {"smoothing": 0}])[0]
    assert curve["value"] == [1, "NaN", "NaN", 2, 3]
    assert curve["marks"] == [[1, "NaN"], [2, "+∞"]]
    assert curve["gaps"] == [[0, 3]]


def test_pixels_of_a_thinned_series_keep_their_least_and_greatest_and_what_is_no_number(ask):
    one = series([2, 5, NAN], low=[1, 4, NAN], high=[9, 5, NAN], mean=[3, 4.5, NAN], count=[10, 10, 0], odd=[0, 1, 3])
    curve = ask(["curve", one, {"smoothing": 0}])[0]
    assert (curve["low"][0], curve["high"][0]) == (1, 9)
    assert curve["marks"] == [[1, "NaN"], [2, "NaN"], [2, "+∞"]]
    again = curve | {k: numbers(float(x) for x in curve[k]) for k in ("x", "value", "low", "high")}
    assert ask(["valueRange", [again], None, {}])[0] == [1, 9]


def test_axes_are_steps_seconds_since_the_start_or_times(ask):
    one = series([5, 6, 7], steps=[10, 20, 30])
    found = ask(*[["curve", one, {"axis": axis}] for axis in ("step", "relative", "wall")])
    assert [c["x"] for c in found] == [[10, 20, 30], [0, 20, 40], [1020, 1040, 1060]]


def test_a_log_axis_leaves_out_what_has_no_logarithm_and_says_so(ask):
    curve = ask(["curve", series([1, 0, -2, 4]), {"logX": True, "logY": True}])[0]
    assert curve["x"] == [1, 2, 3] and curve["left"] == 1
    assert curve["value"] == ["NaN", "NaN", 4] and [word for _, word in curve["marks"]] == ["≤ 0", "≤ 0"]


def test_outliers_do_not_set_the_range_when_they_are_to_be_ignored(ask):
    values = [1.0 + i / 100 for i in range(100)] + [1e6]
    curve = {"x": numbers(range(101)), "value": numbers(values), "low": None, "high": None}
    whole, less = ask(["valueRange", [curve], None, {}], ["valueRange", [curve], None, {"outliers": True}])
    assert whole == [1.0, 1e6] and 1.0 < less[0] < less[1] < 2


def test_a_runs_look_depends_on_its_name_alone_and_usual_pairs_are_far_apart(ask):
    names = ["train", "validation", "train", *(f"run_{i}" for i in range(30))]
    looks = ask(*[["lookOfName", name] for name in names])
    assert looks[0] == looks[2]
    apart = abs(looks[0]["hue"] - looks[1]["hue"])
    assert min(apart, 360 - apart) >= 45
    assert len({json.dumps(look) for look in looks[3:]}) >= 24


def test_expressions_find_runs_and_what_is_no_expression_is_looked_for_as_it_stands(tmp_path, ask):
    runs = [{"name": name} for name in ("lr_0.1/train", "lr_0.01/train", "Eval")]
    choice = {"on": [], "off": []}
    for pattern, wanted in (("train$", 2), ("eval", 1), ("EVAL", 0), ("lr_0\\.1", 1), ("[", 0), ("", 3)):
        found = ask(["shownByPattern", choice, pattern, runs])[0]
        assert len(found) == wanted, pattern


def test_a_drawing_goes_into_svg_as_it_would_on_a_canvas(ask):
    import xml.etree.ElementTree as ET

    clip = [["save"], ["beginPath"], ["rect", 0, 0, 50, 50], ["clip"]]
    line = [["beginPath"], ["moveTo", 1, 2], ["lineTo", 3, 4], ["stroke"], ["restore"]]
    svg = ask(["drawn", [*clip, *line, ["fillText", "<a&b>\u0001", 5, 6]]])[0]
    root = ET.fromstring(svg)
    assert [e.get("d") for e in root.iter("{http://www.w3.org/2000/svg}path")] == ["M0,0h50v50h-50Z", "M1,2L3,4"]
    assert [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")] == ["<a&b>"]


def test_buckets_keep_every_value(ask):
    entry = {"min": -1.0, "max": 3.0, "num": 10, "sum": 4, "sumSquares": 20,
             "limits": ["-Infinity", 0.0, 1.0, "Infinity"], "counts": [0, 4, 1, 5]}  # fmt: skip
    buckets, bins, limits, mean = ask(["bucketsOf", entry], ["evenBins", entry, -1, 3, 7], ["limitsOf", [entry]], ["mean", entry])
    assert buckets == [[-1, 0, 4], [0, 1, 1], [1, 3, 5]]
    assert sum(bins) == pytest.approx(10)
    assert limits == [-1, 0, 1, 3] and mean == 0.4
    assert ask(["onLimits", entry, limits])[0] == [[0, 1, 4], [1, 2, 1], [2, 3, 5]]


def test_a_histogram_of_nothing_or_of_one_value_has_a_range(ask):
    empty = {"min": 1e308, "max": -1e308, "num": 0, "sum": 0, "sumSquares": 0, "limits": [], "counts": []}
    one = {"min": 2, "max": 2, "num": 3, "sum": 6, "sumSquares": 12, "limits": [2.1], "counts": [3]}
    assert ask(["rangeOf", [empty]], ["rangeOf", [empty, one]], ["evenBins", one, 1, 3, 4]) == [[0, 1], [1, 3], [0, 0, 3, 0]]


def test_chosen_steps_are_even_and_end_with_the_last(ask):
    found = ask(["thinned", list(range(100)), 4])[0]
    assert found == [24, 49, 74, 99]


def test_the_page_paints_boxes_as_they_say_and_times_by_their_share(ask):
    fills = {"op": "#010203", "structure": "#040506", "scope": "#070809", "grad": "#0a0b0c", "dtype": "#0d0e0f", "device": "#101112"}
    box = {"fills": fills, "word": "variable", "grad": True, "path": "a/b", "dtype": "", "device": "/gpu:0"}
    box |= {"time": 4.0, "memory": None}
    modes = ("op", "structure", "scope", "grad", "dtype", "device")
    found = ask(*[["paint", box, mode, 0] for mode in modes])
    assert [one["fill"] for one in found] == [box["fills"][mode] for mode in modes]
    assert [one["word"] for one in found] == ["variable", None, "a", "gradient", "no dtype", "/gpu:0"]
    hot, none = ask(["paint", box, "time", 4], ["paint", box, "memory", 9])
    assert hot["fill"] == "rgb(240,120,70)" and none["word"] == "not measured"


HOSTILE = ["=1+1", "-x", "+x", "@x", "a,b", 'say "hi"', "two\nlines", "plain", "\ttab"]


def test_a_file_saved_by_the_page_holds_what_the_servers_does(tmp_path, ask):
    """An offline page makes its files itself. Numbers are compared as such: 2.0 is 2 there."""
    import csv
    import io

    values = [1.5, 2.0, math.nan, math.inf, -math.inf, -3.25e-9, 1e22]
    for k, name in enumerate(HOSTILE):
        write(tmp_path / f"run{k}" / NAME, *(scalars(i, **{name: v}) for i, v in enumerate(values)))
    store = RunStore(tmp_path)
    store.refresh()
    routes = LogRoutes(store)
    names = {run.id: run.name for run in store.runs.values()}
    found = [{"run": run.id, "tag": tag, "step": step.tolist(), "wall": wall.tolist(), "value": {"$": [repr(v) for v in value.tolist()]}}
             for run, tag, step, wall, value in routes._points({})]  # fmt: skip
    mine = ask(["savedSeries", "csv", found, names], ["savedSeries", "json", found, names])

    def rows(text):
        out = list(csv.reader(io.StringIO(text, newline="")))
        return out[0], [(*row[:3], float(row[3]), repr(float(row[4]))) for row in out[1:]]

    assert rows(mine[0]) == rows(b"".join(routes.scalars_csv({}).data).decode())
    assert json.loads(mine[1]) == json.loads(b"".join(routes.scalars_json({}).data))


def test_numbers_stand_by_size_logarithm_or_rank_and_words_by_name(ask):
    asked = [([1, 2, 5], "linear"), ([0.001, 0.1, 10], "auto"), ([0, 0.1, 10], "auto"), ([7, 1, 2, 2], "rank"), ([-1, 4], "log"),
             (["b", "a", None], "log"), ([3, 3], "log")]  # fmt: skip
    found = ask(*(["placed", *one] for one in asked))
    assert [[round(v) if v is not None else None for v in places] for places, _ in found] == [
        [100, 75, 0], [100, 50, 0], [100, 99, 0], [0, 100, 50, 50], [100, 0], [0, 100, None], [50, 50]]  # fmt: skip
    assert [word for _, word in found[1][1]] == ["0.001", "0.1", "10"] and found[6][1] == [[50, "3"]]


def test_vendored_files_are_the_published_ones():
    """Each file in vendor/ has its checksum, source and licence in the note beside it."""
    import hashlib

    folder = static_files.STATIC / "vendor"
    note = (folder / "README.md").read_text(encoding="utf-8")
    sums = dict(reversed(line.split()) for line in re.findall(r"^    (\w{64}  \S+)$", note, re.MULTILINE))
    assert {p.name for p in folder.iterdir() if p.suffix in (".js", ".css", ".wasm")} == set(sums)
    for name, wanted in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted
        assert (folder / f"{name.partition('.')[0]}.LICENSE.txt").exists()
