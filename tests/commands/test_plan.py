"""`graphflow plan`: the plans of a program's runs."""

import base64
import gzip
import json
import re
import subprocess
import sys
import textwrap

from graphflow import cli

PROGRAM = """
    import tensorflow as tf
    x = tf.placeholder(tf.float32, [None], name="x")
    v = tf.Variable(2.0, name="v")
    y = tf.multiply(x, v, name="y")
    with tf.Session() as sess:
        sess.run(v.initializer)
        for _ in range(3):
            print(sess.run([y, v], feed_dict={x: [1.0, 2.0]})[0])
"""


def plan(tmp_path, *options, program=PROGRAM):
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "graphflow", "plan", *options, str(script)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


def test_each_different_run_is_shown_once_after_the_programs_output(tmp_path):
    done = plan(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[2. 4.]\n[2. 4.]\n[2. 4.]\n== run 1: v/Assign, fed nothing")
    assert done.stdout.count("== run ") == 2
    assert "== run 2: [y:0, v:0], fed x:0" in done.stdout
    assert "multiply" in done.stdout.split("== run 2")[1]


def test_one_run_can_be_chosen_and_shown_stage_by_stage(tmp_path):
    out = plan(tmp_path, "--stages", "--only", "2").stdout
    assert out.count("== run ") == 1 and "== run 2" in out
    assert out.count("-- ") > 1 and "-- lowered" in out
    done = plan(tmp_path, "--only", "9")
    assert done.returncode == 1 and "the program made 2 different ones" in done.stderr


def test_a_program_that_is_not_there_is_told_in_one_line_of_this_command(tmp_path, capsys):
    assert cli.main(["plan", str(tmp_path / "none.py")]) == 1
    assert capsys.readouterr() == ("", f"graphflow plan: no such file: {tmp_path / 'none.py'}\n")


def test_a_failing_program_still_shows_its_plans(tmp_path):
    done = plan(tmp_path, program=PROGRAM + "\n    raise ValueError('late')")
    assert done.returncode == 1 and "ValueError: late" in done.stderr and "== run 2" in done.stdout


def test_plans_are_written_as_one_page(tmp_path):
    done = plan(tmp_path, "--only", "2", "--html", "plan.html")
    assert done.returncode == 0, done.stderr
    assert "wrote plan.html" in done.stdout and "== run" not in done.stdout
    text = (tmp_path / "plan.html").read_text(encoding="utf-8")
    data = json.loads(gzip.decompress(base64.b64decode(json.loads(re.search(r'id="gf-data">(.*?)</script>', text)[1]))))
    names = [graph["name"] for graph in data["runs"]["runs"][0]["graphs"]]
    assert names == ["the graph", "plan 1: lowered", "plan 2: ownership", "plan 3: dead ends", "plan 4: products",
                     "plan 5: invariants", "plan 6: factors", "plan 7: fusion", "plan 8: memory"]
    assert "variable" in data["graphs"]["g.8"]["devices"]
