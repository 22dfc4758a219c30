"""`tf.viewer.show` in scripts: the address is printed, the script waits, or the page goes into a file."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import graphflow as tf

ROOT = Path(__file__).parents[2]
SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)     # in the background of a shell it would be ignored
import graphflow as tf
tf.constant(1.0, name="one")
tf.viewer.show(tf.get_default_graph(), browser=False, port=0)
print("went on")
"""


@pytest.mark.skipif(os.name == "nt", reason="sends an interrupt")
def test_a_script_prints_the_address_and_waits_for_an_interrupt():
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True, env=env)
    line = process.stdout.readline()
    url = line.split("graph at ")[1].split()[0]
    assert b"graphflow" in urllib.request.urlopen(url, timeout=20).read()
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[0].strip().endswith("went on") and process.returncode == 0


def test_a_page_can_be_served_without_waiting_or_written_to_a_file(tmp_path, capsys):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="one")
    page = tf.viewer.show(graph, browser=False, port=0, wait=False)
    assert page.url in capsys.readouterr().out
    page.close()
    out = tf.viewer.show(graph, file=tmp_path / "graph.html")
    assert "gf-data" in out.read_text(encoding="utf-8")
