"""tools/bench runs every workload and writes what it measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bench import __main__ as bench
from tools.bench import numpy_versions

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_row_is_measured_on_graphflow_and_on_numpy(tmp_path):
    target = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tools.bench", "--small", "--rounds", "1", "--seconds", "0.01", "--json", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(target.read_text())["rows"]}
    assert set(rows) == {*bench.IMPORTS, *bench.USUAL}
    for name, row in rows.items():
        assert row["seconds"]["graphflow"] > 0, row["errors"]
        assert ("numpy" in row["seconds"]) == (name in (*bench.IMPORTS, *numpy_versions.VERSIONS)), row["errors"]
        assert name in done.stdout


def test_unknown_rows_are_refused():
    done = subprocess.run([sys.executable, "-m", "tools.bench", "--only", "nothing"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2 and "unknown rows: nothing" in done.stderr


@pytest.mark.parametrize("seconds, text", [(None, "-"), (3.14e-6, "3.14 us"), (1.5e-4, "150 us"), (0.0123, "12.3 ms"), (2.5, "2.5 s")])
def test_times_are_shown_in_a_unit_that_fits(seconds, text):
    assert bench.show(seconds) == text


