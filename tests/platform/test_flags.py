"""tf.flags, tf.app.run: a whole program per test, since flags belong to the process."""

import subprocess
import sys
import textwrap


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


def test_a_required_flag_that_is_missing_is_named():
    program = PROGRAM.format(end="flags.mark_flag_as_required('data'); tf.app.run(lambda argv: print('ran'))")
    program = program.replace("FLAGS =", "flags.DEFINE_string('data', None, 'folder'); FLAGS =")
    assert run(program, "--data=d")[1] == "ran\n"
    code, out, err = run(program)
    assert code == 1 and out == "" and "--data must have a value" in err


def test_lists_and_choices():
    end = "flags.DEFINE_list('sizes', ['1'], 'sizes'); flags.DEFINE_enum('mode', 'a', ['a', 'b'], 'm'); print(FLAGS.sizes, FLAGS.mode)"
    assert run(PROGRAM.format(end=end), "--sizes=2,3", "--mode=b")[1] == "['2', '3'] b\n"
