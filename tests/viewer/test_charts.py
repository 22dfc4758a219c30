"""The numbers behind the charts: smoothing, gaps, axes, histograms' bins, as page/series.js and page/buckets.js compute them."""

import csv
import io
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graphflow.viewer import static_files

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


def series(values, run="a", steps=None):
    steps = steps or list(range(len(values)))
    return {"run": run, "tag": "loss", "steps": steps, "wall": [1000.0 + 2 * s for s in steps], "values": values}


def test_smoothing_starts_at_the_first_value_and_passes_over_what_is_not_finite(ask):
    found, none = ask(["smooth", [4, 2, 2, 2], 0.5], ["smooth", [1, 5], 0])
    assert found[0] == 4 and found[1] == pytest.approx((2 + 0.5 * 4) / 1.5 * 1) and found == sorted(found, reverse=True)
    assert none == [1, 5]


def test_a_gap_is_marked_and_not_bridged(ask):
    curve = ask(["curve", series([1, "NaN", "Infinity", 2, 3]), {"smoothing": 0}])[0]
    assert curve["raw"] == [1, None, None, 2, 3]
    assert curve["marks"] == [[1, "NaN"], [2, "+∞"]]
    assert curve["gaps"] == [[0, 3]]


def test_axes_are_steps_seconds_since_the_start_or_times(ask):
    one = series([5, 6, 7], steps=[10, 20, 30])
    found = ask(*[["curve", one, {"axis": axis}] for axis in ("step", "relative", "wall")])
    assert [c["x"] for c in found] == [[10, 20, 30], [0, 20, 40], [1020, 1040, 1060]]


def test_a_log_axis_leaves_out_what_has_no_logarithm_and_says_so(ask):
    curve = ask(["curve", series([1, 0, -2, 4]), {"logX": True, "logY": True}])[0]
    assert curve["x"] == [1, 2, 3] and curve["left"] == 1
    assert curve["raw"] == [None, None, 4] and [word for _, word in curve["marks"]] == ["≤ 0", "≤ 0"]


def test_runs_share_one_axis_and_differ_in_colour_and_dash(ask):
    a = {"run": "a", "x": [0, 2, 4], "raw": [1, None, 3], "line": [1, None, 3], "marks": [], "gaps": []}
    b = {"run": "b", "x": [1, 2], "raw": [7, 8], "line": [7, 8], "marks": [], "gaps": []}
    data, *looks = ask(["aligned", [a, b]], *[["lookOf", i] for i in range(32)])
    assert data[0] == [0, 1, 2, 4]
    assert data[1] == [1, "undefined", None, 3] and data[3] == ["undefined", 7, 8, "undefined"]
    assert len({json.dumps(look) for look in looks}) == 32
    assert all(x["color"] != y["color"] and x["dash"] != y["dash"] for x, y in itertools.pairwise(looks))


def test_csv_has_every_row_and_no_formula(ask):
    text = ask(["csv", [series([1.5, "NaN", -2.0], run="=evil(1),2")]])[0]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["run", "tag", "step", "wall_time", "value"]
    assert [row[4] for row in rows[1:]] == ["1.5", "NaN", "-2"]
    assert {row[0] for row in rows[1:]} == {"'=evil(1),2"}


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


def test_places_of_a_plans_values_have_the_same_colours_in_python_and_in_the_page(ask):
    from graphflow.viewer.colors import PLACES, is_place, paint
    from tests.viewer.test_plan_graph import NO_PLACES

    devices = [*PLACES, "buffer b0 · 1.2 MB", "buffer b17 · 3 B", *NO_PLACES]
    fills = ask(*[["placeFill", device] for device in devices])
    for device, fill in zip(devices, fills, strict=True):
        assert fill == (paint({"op": "add", "kind": "op", "device": device}, "op") if is_place(device) else None), device


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
