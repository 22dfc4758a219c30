"""What a program may call first, before anything has made a graph: each in a process of its own."""
import subprocess
import sys

import pytest

import graphflow as tf

CALLS = ["disable_v2_behavior()", "disable_eager_execution()", "executing_eagerly()", "executing_eagerly_outside_functions()",
         "reset_default_graph()", "get_default_graph()", "enable_eager_execution()", "set_random_seed(1)", "get_default_session()",
         "get_collection('x')", "trainable_variables()", "no_op()", "Session()", "global_variables_initializer()"]


@pytest.mark.parametrize("module", ["graphflow", "graphflow.compat.v1"])
def test_each_call_may_be_the_first(module):
    program = ("import importlib, os, sys, traceback\n"
               "tf = importlib.import_module(sys.argv[1])\n"
               "for call in sys.argv[2:]:\n"
               "    child = os.fork()\n"
               "    if child == 0:\n"
               "        try:\n"
               "            eval('tf.' + call)\n"
               "            print(call, 'ok', flush=True)\n"
               "        except BaseException:\n"
               "            traceback.print_exc()\n"
               "        os._exit(0)\n"
               "    os.waitpid(child, 0)\n")
    done = subprocess.run([sys.executable, "-c", program, module, *CALLS], capture_output=True, text=True, timeout=120)
    assert [line.rpartition(" ")[0] for line in done.stdout.splitlines()] == CALLS, done.stderr


def test_the_default_graph_stays_the_same_when_asked_twice():
    assert tf.get_default_graph() is tf.get_default_graph()
