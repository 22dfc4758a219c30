"""`graphflow run` on every program: it ends well, and prints what TensorFlow printed (programs.json: 2.21, or 1.15)."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = {path.stem: path for path in sorted(Path(__file__).with_name("programs").glob("*.py"))}
KEPT = json.loads((ROOT / "tests" / "data" / "tensorflow" / "programs.json").read_text())
OFTEN = sorted(KEPT)[:12]      # in every run of the tests; the others in the slow suite
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")


def printed(name, folder):
    """What `graphflow run` of a program prints."""
    own = {key: value for key, value in os.environ.items() if key != "GRAPHFLOW_DATA"}
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", str(PROGRAMS[name])], capture_output=True, text=True, cwd=folder,
                          env=own | {"GRAPHFLOW_OFFLINE": "1", "MPLBACKEND": "Agg"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_alike(mine, other):
    """The same words, and numbers that agree to rounding."""
    for line, wanted in zip(mine.splitlines(), other.splitlines(), strict=True):
        assert NUMBER.sub("#", line) == NUMBER.sub("#", wanted)
        for a, b in zip(NUMBER.findall(line), NUMBER.findall(wanted), strict=True):
            assert float(a) == pytest.approx(float(b), rel=2e-3, abs=2e-3), f"{line!r} is not {wanted!r}"


@pytest.mark.parametrize("name", OFTEN)
def test_a_program_prints_what_it_prints_on_tensorflow(name, tmp_path):
    assert_alike(printed(name, tmp_path), KEPT[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - set(OFTEN)))
def test_every_program_prints_what_it_prints_on_tensorflow(name, tmp_path):
    text = printed(name, tmp_path)
    assert_alike(text, KEPT[name])
    assert text.strip() and "nan" not in text and not re.search(r"learned False", text)


def test_of_every_program_there_is_what_tensorflow_prints():
    assert set(KEPT) == set(PROGRAMS)


def test_numbers_apart_are_seen():
    assert_alike("loss 1.0001 [2]", "loss 1.0 [2]")
    for other in ("loss 1.1 [2]", "loss 1.0 [3]", "cost 1.0 [2]"):
        with pytest.raises(AssertionError):
            assert_alike("loss 1.0001 [2]", other)


@pytest.mark.oracle
def test_the_kept_lines_are_tensorflows(tensorflow_python, tmp_path):
    """Of those that are run often; `tests.programs.tensorflow_side` makes all lines anew."""
    target = tmp_path / "programs.json"
    target.write_text(json.dumps({name: KEPT[name] for name in OFTEN}))
    subprocess.run([tensorflow_python, "-m", "tests.programs.tensorflow_side", str(target)], cwd=ROOT, check=True, capture_output=True)
    for name, text in json.loads(target.read_text()).items():
        assert_alike(text, KEPT[name])
