"""Run a TensorFlow program, unchanged: graphflow stands in for tensorflow.

A program of TensorFlow 2 (it has tapes or tf.function, and no sessions or placeholders) runs eagerly, with TensorFlow 2's names.

Names that numpy, scipy, matplotlib, scikit-learn and Python have dropped since answer for the program. A notebook (.ipynb) runs cell by
cell: magics are left out, figures become files. If the program fails, the names of TensorFlow that it uses and graphflow lacks are listed.

example:
  graphflow run train.py --learning_rate 0.1
  graphflow run -m package.train
  graphflow run --seed 1 tutorial.ipynb
  graphflow run --py2 old_program.py
  graphflow run --engine xla --mesh data=8 train.py
  graphflow run --coordinator node0:8476 --process-id 1 --processes 4 train.py
  graphflow run --eager tensorflow2_program.py
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np

from graphflow.commands import check, script, source, stand_in
from graphflow.commands.arguments import count
from graphflow.commands.missing import missing
from graphflow.commands.old_libraries import numpy_names
from graphflow.commands.symbols import used
from graphflow.core import errors
from graphflow.kernels.random import philox
from graphflow.runtime import engines, hosts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT is a module's name, as with python -m")
    parser.add_argument("--seed", type=int, metavar="N", help="repeat a run: random numbers of Python, numpy and graphflow start from N")
    parser.add_argument("--py2", action="store_true", help="the program is Python 2: convert it first (needs the package fissix)")
    parser.add_argument("--eager", action="store_true", default=None, help="the program is of TensorFlow 2: ops run when they are called")
    parser.add_argument("--graph", dest="eager", action="store_false", help="the program is of TensorFlow 1, whatever it looks like")
    parser.add_argument("--engine", metavar="NAME", help="what runs the plans where the program does not say: numpy, native, auto or xla")
    parser.add_argument("--mesh", metavar="AXES", help="devices of the xla engine, data=8 or data=4,model=2")
    parser.add_argument("--coordinator", metavar="HOST:PORT", help="run on several hosts: where process 0 is; a free port of that host")
    parser.add_argument("--process-id", type=int, metavar="I", help="which of the processes this is, from 0")
    parser.add_argument("--processes", type=count, metavar="N", help="how many processes there are")
    parser.add_argument("--allow-pickle", action="store_true", help="np.load reads pickled objects, as numpy once did: for files you trust")
    parser.add_argument("script", metavar="SCRIPT", help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the program")


def main(args: argparse.Namespace) -> int:
    """Runs the program with its own sys.argv and sys.path; its exceptions and exit codes are its own."""
    if not args.module and not Path(args.script).exists():
        print(f"graphflow {args.command}: no such file: {args.script}", file=sys.stderr)
        return 1
    for name, value in (("GRAPHFLOW_ENGINE", args.engine), ("GRAPHFLOW_MESH", args.mesh)):
        if value:
            os.environ[name] = value
    try:
        if not meets_others(args):
            return 0
        engines.of_session(None, "")
    except (NotImplementedError, ValueError, errors.DeadlineExceededError) as error:
        print(f"graphflow {args.command}: {error}", file=sys.stderr)
        return 2
    eager = is_eager(args)
    stand_in.install(eager)
    follow_into_children(eager)
    if args.seed is not None:
        repeat_from(args.seed)
    numpy_names.allow_pickle = args.allow_pickle
    script.prepare(args.py2)
    sys.argv = [args.script, *args.arguments]
    try:
        run(args)
    except Exception as error:
        script.print_error(error)
        for line in (stand_in.advice(error), advice(error)):
            if line:
                print(f"  {line}", file=sys.stderr)
        tell_missing(args)
        return 1
    return 0


def complaint(args: argparse.Namespace) -> str | None:
    given = [args.coordinator is not None, args.process_id is not None, args.processes is not None]
    if any(given) and not all(given):
        return "--coordinator, --process-id and --processes go together"
    if all(given) and args.engine not in (None, "xla"):
        return f"several hosts need --engine xla, not {args.engine}"
    return None


def meets_others(args: argparse.Namespace) -> bool:
    """Makes this process one of several hosts, as the options or, on the xla engine, TF_CONFIG say. False for one that has nothing to do.

    The chief's output is enough, so that the others' goes nowhere; their errors are shown.
    """
    found = None
    if args.coordinator is not None:
        found = hosts.numbered(args.coordinator, args.process_id, args.processes)
        os.environ["GRAPHFLOW_ENGINE"] = "xla"
    elif engines.choose(None) == "xla":
        job, found = hosts.of_tf_config()
        if job == "ps":
            print(f"graphflow {args.command}: TF_CONFIG makes this a parameter server, which is not needed: variables are with the workers",
                  file=sys.stderr)
            return False
    if found is not None:
        hosts.enter(found)
        if found.rank:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    return True


_OF_TF2 = re.compile(r"\bGradientTape\b|\btf\.function\b|\btf\.random\.set_seed\b|\btf\.optimizers\.")
_OF_TF1 = re.compile(r"\b(Session|placeholder|set_random_seed|get_variable|enable_eager_execution|disable_eager_execution|"
                     r"disable_v2_behavior|enable_v2_behavior)\b|\bcompat\.v1\b")


def is_eager(args: argparse.Namespace) -> bool:
    """Whether the program is one of TensorFlow 2: as the command line says, else by what it uses; then a line says so."""
    if args.eager is not None or args.module or not os.path.isfile(args.script):
        return bool(args.eager)
    try:
        text = "\n".join(cell.text for cell in source.read(Path(args.script)))
    except (ValueError, OSError, SyntaxError):
        return False
    found = _OF_TF2.search(text)
    if found is None or _OF_TF1.search(text):
        return False
    print(f"graphflow {args.command}: a program of TensorFlow 2 (it uses {found[0]}): it runs eagerly; --graph runs it as one of "
          "TensorFlow 1", file=sys.stderr)
    return True


def run(args: argparse.Namespace) -> None:
    """Runs the file, notebook, folder or module as the main module."""
    if args.module:
        sys.path.insert(0, "")
        runpy.run_module(args.script, {"__builtins__": script.BUILTINS}, run_name="__main__", alter_sys=True)
        return
    path = Path(args.script)
    sys.path.insert(0, str(path.resolve().parent))
    if path.suffix == ".ipynb":
        script.run_notebook(args.script)
    elif path.is_dir() or path.suffix in (".zip", ".pyz"):
        runpy.run_path(args.script, run_name="__main__")
    else:
        script.run(args.script)


# What an error says of a program that is Python 2.
_PYTHON_2 = re.compile(
    r"name '(xrange|unicode|raw_input|basestring|long|unichr|reduce|execfile|cmp|file)' is not defined"
    r"|'dict' object has no attribute '(iteritems|itervalues|iterkeys|has_key)'"
    r"|No module named '(urllib2|cPickle|ConfigParser|StringIO|cStringIO|Queue|commands|Tkinter|HTMLParser|urlparse|__builtin__)'")


def advice(error: BaseException) -> str:
    """Which option of `graphflow run` may help."""
    if isinstance(error, source.Python2Error) or _PYTHON_2.search(str(error)):
        return "If the program is Python 2: `graphflow run --py2` converts it."
    if "allow_pickle=False" in str(error):
        return "The file holds pickled Python objects, which run code when read; if you trust it: `graphflow run --allow-pickle`."
    return ""


def tell_missing(args: argparse.Namespace) -> None:
    """Lists the names of TensorFlow that the whole program uses and graphflow lacks."""
    if args.module:
        spec = importlib.util.find_spec(args.script)
        origin = spec.origin if spec is not None else None
    else:
        origin = args.script
    if not origin or not os.path.isfile(origin):
        return
    uses = []
    for file in script.own_files(Path(origin)):
        try:
            uses += [(cell.name, use) for cell in source.read(file) for use in used(source.parse(cell, args.py2))]
        except (SyntaxError, ValueError, OSError):
            continue
    if found := missing(uses):
        print("\nNames of TensorFlow that this program uses and graphflow does not have:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in check.lines(found)), file=sys.stderr)


def repeat_from(seed: int) -> None:
    """Random numbers that the program draws without a seed of its own start from this one."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    philox.repeat_from(seed)


class _InChild:
    """Puts the stand-in into a process that multiprocessing starts: unpickled there before the program is imported."""

    def __init__(self, eager: bool):
        self.eager = eager

    def __reduce__(self) -> tuple[Any, tuple[bool]]:
        return stand_in.install, (self.eager,)


def follow_into_children(eager: bool = False) -> None:
    """Processes that multiprocessing spawns import the program anew, and tensorflow with it: they get the stand-in too."""
    from multiprocessing import spawn  # at first use: saves `graphflow plan --help` 10 ms

    original = spawn.get_preparation_data

    def prepared(name: str) -> dict[str, Any]:
        return {"stand_in": _InChild(eager), **original(name)}

    spawn.get_preparation_data = prepared
