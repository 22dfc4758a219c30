"""The `graphflow` command itself: help, exit codes, errors as short messages."""

import subprocess
import sys
import types

import pytest

from graphflow import cli


@pytest.fixture
def command(monkeypatch):
    """Registers a command whose main is the given function."""

    def register(main, add_arguments=lambda parser: None):
        module = types.ModuleType("graphflow.commands.sample", "A sample.\n\nexample:\n  graphflow sample")
        module.main, module.add_arguments = main, add_arguments
        monkeypatch.setitem(sys.modules, "graphflow.commands.sample", module)
        monkeypatch.setitem(cli.COMMANDS, "sample", "a sample")

    return register


def fail_with(error):
    def main(args):
        raise error

    return main


def test_without_a_command_help_goes_to_stderr_and_the_exit_code_is_2(capsys):
    assert cli.main([]) == 2
    assert "commands:" in capsys.readouterr().err


def test_help_lists_every_command_and_an_example(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "example:" in out
    for name, summary in cli.COMMANDS.items():
        assert f"{name} " in out and summary in out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "example:" in out and f"graphflow {name} " in out


def test_an_unknown_command_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["trane"])
    assert stop.value.code == 2
    assert "unknown command 'trane'; choose from demo, " in capsys.readouterr().err


def test_a_wrong_option_is_wrong_usage(command, capsys):
    command(lambda args: 0)
    with pytest.raises(SystemExit) as stop:
        cli.main(["sample", "--nope"])
    assert stop.value.code == 2


def test_the_exit_code_is_the_commands(command):
    command(lambda args: args.code, lambda parser: parser.add_argument("code", type=int))
    assert [cli.main(["sample", code]) for code in "01"] == [0, 1]


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file", "x.ckpt"), ValueError("x.ckpt: bad")])
def test_bad_input_is_one_line_on_stderr(command, capsys, error):
    command(fail_with(error))
    assert cli.main(["sample"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("graphflow sample: ") and "x.ckpt" in err and err.count("\n") == 1


def test_a_programming_error_keeps_its_traceback(command):
    command(fail_with(KeyError("bug")))
    with pytest.raises(KeyError):
        cli.main(["sample"])


def test_ctrl_c_ends_with_1(command, capsys):
    command(fail_with(KeyboardInterrupt()))
    assert cli.main(["sample"]) == 1
    assert "interrupted" in capsys.readouterr().err


def test_help_does_not_load_numpy_or_the_framework():
    code = "import sys; from graphflow import cli; cli.main([]); print({'numpy', 'graphflow.core', 'networkx'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "set()"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("plan --only 0 train.py", "argument --only: must be a whole number, 1 or more, not '0'"),
        ("plan --view --html page.html train.py", "--view does nothing with --html"),
        ("demo --epochs -1", "argument --epochs: must be a whole number, 1 or more, not '-1'"),
        ("demo --batch many", "argument --batch: must be"),
        ("convert a b.npz --only (", "argument --only: '(' is no regular expression"),
        ("convert a b.npz --checkpoint c", "--checkpoint does nothing without --freeze"),
        ("convert a b.pb --freeze y --only x", "--only does nothing with --freeze"),
        ("draw a.pb --check", "--check does nothing without --diff"),
        ("draw a.pb a.svg --json", "--json does nothing without --diff"),
        ("draw a.pb a.xyz", "a.xyz: the ending must be one of"),
        ("view --text --no-browser a.pb", "--no-browser does nothing with --text"),
        ("view --port 70000 a.pb", "argument --port: a port is a number from 0 to 65535"),
    ],
)
def test_values_that_are_wrong_and_options_that_do_nothing_are_refused_in_one_line(line, text, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(line.split())
    shown = capsys.readouterr()
    assert stop.value.code == 2 and shown.out == ""
    assert text in shown.err and len(shown.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
