"""The repository's own promises: README, licences, version, what ships."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import graphflow
from graphflow import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tracked_files():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_readmes_program_runs_and_prints_what_its_comment_says(tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    script = tmp_path / "program.py"
    script.write_text(program)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    numbers = re.findall(r"\d+\.\d+", done.stdout.splitlines()[0])
    assert [round(float(number), 3) for number in numbers] == [0.618, 1.764]


def test_the_readme_has_a_row_for_every_subcommand():
    assert [name for name in cli.COMMANDS if f"| `graphflow {name}" not in README] == []


def test_the_readme_has_the_two_commands():
    commands = re.findall(r"^    (python -m pip install .*)$", README, flags=re.MULTILINE)
    assert [command.split("&& ")[1] for command in commands] == ["graphflow demo", "python -m pytest -n auto"]


def test_the_version_is_the_same_everywhere():
    project = (ROOT / "pyproject.toml").read_text()
    assert re.search(r'^version = "(.*)"$', project, flags=re.MULTILINE).group(1) == graphflow.__version__
    assert f"## {graphflow.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_assets_have_the_checksums_that_licenses_lists():
    found = 0
    for note in (ROOT / "licenses").glob("*.md"):
        for name, checksum in re.findall(r"`([\w./-]+)` \(sha256\s+`([0-9a-f]{64})`\)", note.read_text()):
            assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == checksum, name
            found += 1
    assert found >= 2


def test_no_file_names_a_place_outside_the_repository():
    forbidden = re.compile(r"\.\./" + r"shared|/work/" + r"(main|shared|brief|venv|tfvenv)")
    texts = (path for path in tracked_files() if path.suffix in (".py", ".md", ".toml", ".sh", ".js", ".html", ".css", ".json", ".txt", ""))
    found = [str(path.relative_to(ROOT)) for path in texts if forbidden.search(path.read_text(encoding="utf-8", errors="ignore"))]
    assert found == []


def test_every_package_says_what_it_is_for():
    packages = list((ROOT / "graphflow").rglob("__init__.py"))
    assert [str(path.relative_to(ROOT)) for path in packages if not path.read_text(encoding="utf-8").lstrip().startswith('"""')] == []


def test_no_module_hides_a_public_name():
    """Importing graphflow.train.x puts the module into tf.train under its name: a function tf.train.x must live elsewhere."""
    from graphflow._public.api import TABLE as core
    from graphflow._public.contrib_api import TABLE as contrib
    from graphflow._public.keras_api import TABLE as keras

    paths = {name: ROOT / "graphflow" / name.replace(".", "/") for name in {**core, **contrib, **keras}}
    assert [name for name, path in paths.items() if path.is_dir() or path.with_suffix(".py").exists()] == []


def test_generated_tables_are_up_to_date():
    done = subprocess.run([sys.executable, "tools/generate_api.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
