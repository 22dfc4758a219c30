"""tf.flags, tf.app.run: a whole program per test, since flags belong to the process."""

import subprocess
import sys
import textwrap

import pytest

import graphflow as tf


def run(program, *arguments):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


PROGRAM = """
    import graphflow as tf
    flags = tf.app.flags
    flags.DEFINE_integer("steps", 10, "how many")
    flags.DEFINE_float("rate", 0.5, "learning rate")
    flags.DEFINE_string(flag_name="name", default_value="x", docstring="old argument names")
    flags.DEFINE_boolean("fast", False, "a switch")
    FLAGS = flags.FLAGS
    {end}
"""


def test_flags_are_read_on_first_use():
    program = PROGRAM.format(end="print(FLAGS.steps, FLAGS.rate, FLAGS.name, FLAGS.fast, tf.flags.FLAGS is FLAGS)")
    assert run(program)[1] == "10 0.5 x False True\n"
    assert run(program, "--steps=3", "--fast", "--name", "y", "--unknown=1")[1] == "3 0.5 y True True\n"


def test_values_can_be_set_and_a_wrong_type_is_refused():
    assert run(PROGRAM.format(end="FLAGS.steps; FLAGS.steps = 4; print(FLAGS.steps)"))[1] == "4\n"
    code, _, err = run(PROGRAM.format(end="FLAGS.steps"), "--steps=many")
    assert code == 1 and "--steps=many" in err


def test_app_run_calls_main_with_the_rest_and_exits_with_its_result():
    program = PROGRAM.format(end="\n    def main(argv):\n        print(FLAGS.steps, argv[1:])\n        return 3\n    tf.app.run()")
    assert run(program, "--steps", "7", "file.txt")[:2] == (3, "7 ['file.txt']\n")


def test_a_value_that_is_refused_ends_the_program_with_one_line():
    program = PROGRAM.format(end="tf.app.run(lambda argv: print('ran'))")
    code, out, err = run(program, "--steps=many")
    assert (code, out, err.count("\n")) == (1, "", 1) and "--steps=many" in err and "--help" in err


def test_a_required_flag_that_is_missing_is_named():
    program = PROGRAM.format(end="flags.mark_flag_as_required('data'); tf.app.run(lambda argv: print('ran'))")
    program = program.replace("FLAGS =", "flags.DEFINE_string('data', None, 'folder'); FLAGS =")
    assert run(program, "--data=d")[1] == "ran\n"
    code, out, err = run(program)
    assert code == 1 and out == "" and "--data must have a value" in err


def test_lists_and_choices():
    end = "flags.DEFINE_list('sizes', ['1'], 'sizes'); flags.DEFINE_enum('mode', 'a', ['a', 'b'], 'm'); print(FLAGS.sizes, FLAGS.mode)"
    assert run(PROGRAM.format(end=end), "--sizes=2,3", "--mode=b")[1] == "['2', '3'] b\n"


def test_every_kind_of_flag_is_defined_and_parsed_here():
    """In this process, under names that nothing else uses."""
    for flags in (tf.flags, tf.app.flags):
        prefix = f"gf_{flags.__name__.replace('.', '_')}_"
        flags.DEFINE_string(prefix + "text", "a", "help")
        flags.DEFINE_integer(prefix + "count", 1, "help")
        flags.DEFINE_float(prefix + "rate", 0.5, "help")
        flags.DEFINE_bool(prefix + "fast", False, "help")
        flags.DEFINE_boolean(prefix + "slow", True, "help")
        flags.DEFINE_enum(prefix + "mode", "x", ["x", "y"], "help")
        flags.DEFINE_list(prefix + "names", ["p"], "help")
        flags.DEFINE_multi_integer(prefix + "many", [1], "help")
        words = ["text=b", "count=2", "rate=0.25", "fast", "noslow", "mode=y", "names=q,r", "many=3", "many=4"]
        options = [f"--no{prefix}slow" if word == "noslow" else f"--{prefix}{word}" for word in words]
        rest = flags.FLAGS._parse_flags(["program", *options, "file"])
        names = ("text", "count", "rate", "fast", "slow", "mode", "names", "many")
        assert [getattr(flags.FLAGS, prefix + name) for name in names] == ["b", 2, 0.25, True, False, "y", ["q", "r"], [3, 4]]
        assert rest == ["program", "file"]
        assert prefix + "text" in flags.FLAGS


def test_app_run_ends_with_the_result_of_main():
    with pytest.raises(SystemExit) as stop:
        tf.app.run(main=lambda argv: len(argv), argv=["program", "one", "two"])
    assert stop.value.code == 3


def test_numbers_of_numpy_are_values_of_flags(monkeypatch):
    import numpy as np
    monkeypatch.setattr(sys, "argv", ["program"])
    tf.flags.DEFINE_integer("numpys_count", np.int64(3), "")
    tf.flags.DEFINE_float("numpys_rate", default_value=np.float32(0.5), docstring="")
    assert (tf.flags.FLAGS.numpys_count, tf.flags.FLAGS.numpys_rate) == (3, 0.5)


def test_a_flag_of_an_installed_library_gives_way_to_the_programs():
    program = """
        from absl import logging
        import graphflow as tf
        tf.flags.DEFINE_string("log_dir", "mine", "absl.logging has one of that name")
        tf.logging.warning("still told")
        print(tf.flags.FLAGS.log_dir)
        """
    code, out, err = run(program)
    assert (code, out) == (0, "mine\n") and "still told" in err
