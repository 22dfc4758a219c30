"""Writes docs/your_tf1_program.md: what of a TensorFlow 1 program runs, what differs, and how to move on.

    python tools/program_page.py            writes the page; run it after adding names that public programs use

Which names are absent is read from tools/data/usage.tsv, which names of libraries answer from graphflow/commands/old_libraries.
"""
from __future__ import annotations

import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "your_tf1_program.md"
HEAD = """# Your TF1 program

Written by `tools/program_page.py`.

    graphflow check path/to/program        # which names of TensorFlow it uses that are not there; runs nothing
    graphflow run train.py --steps 100     # runs it

`graphflow run` puts graphflow in TensorFlow's place: `import tensorflow as tf`, `import tensorflow.compat.v1 as tf`, `import
tensorflow.contrib.slim as slim` and `from tensorflow.python.ops import array_ops` give graphflow's names, in the program, in its own
modules and in processes that its `multiprocessing` starts (a script that it starts by `subprocess` wants `graphflow run` itself).
Nothing of the program is changed. A file, a module (`-m package.train`), a folder with `__main__.py` and a notebook
run.

## What runs

- **Programs of files and notebooks.** A notebook (`.ipynb`) runs cell by cell: lines of magics (`%matplotlib`, `!pip`) are left out,
  what a cell ends with is printed, figures become `NAME-1.png`, `NAME-2.png`, ... in the current folder.
- **Python 2**, with `--py2`: the text of the program and of its own modules is converted while it is loaded (extra `py2`), `/` of
  whole numbers gives a whole number. Texts stay Python 3's: bytes that a file or a record gives may need `.decode()`.
- **Old libraries.** Names that numpy, scipy, matplotlib, scikit-learn and Python have dropped answer for the program, and for nothing
  else (below). Rows of different lengths become an array of objects; `np.load` reads pickled objects only with `--allow-pickle`.
- **Keras** means `tf.keras` where Keras is not installed. Other packages that a program imports must be installed.
- **Flags**: numpy's numbers are values; a flag that a library has defined, such as absl's `log_dir`, gives way to the program's.
- **Devices**: `/gpu:0` is the CPU, which is told once. **Version**: `tf.__version__` is 1.15.5.
- **MNIST** comes from the program's folder, from `GRAPHFLOW_DATA`, or by download; without a network the 7,000 digits of the package
  are used.
- **Randomness**: `graphflow run --seed 1` repeats a run that seeds nothing itself.

A program that fails prints its traceback without graphflow's own frames where it can, what to do, and the names of TensorFlow that the
whole program uses and graphflow lacks.

## What differs

[differences.md](differences.md) lists it in full, [contrib.md](contrib.md) what there is of `tf.contrib`. What programs meet most
often:

- Everything runs on the CPU, in one process: `tf.train.Server` and clusters have one worker; TPUs and compiled operations
  (`tf.load_op_library`) are refused.
- Seeded numbers are TensorFlow 2's in `compat.v1`; TensorFlow 1 gave an operation without seed of its own another one.
- Loops and branches are `While` and `If` nodes, as with `tf.enable_control_flow_v2()`.

## How to move on

- **Keep the model**: `tf.train.Saver` writes checkpoints that TensorFlow and others read, `tf.saved_model` and frozen graphs are
  TensorFlow's; `graphflow convert model.ckpt model.npz` (or `.safetensors`) takes the values out, `graphflow convert --freeze` makes
  one graph of both.
- **Look into it**: `graphflow inspect` tells what a file holds, `graphflow view` shows the graph and the logs, `graphflow plan
  train.py` what was made of each run.
- **Without the stand-in**: `import graphflow as tf` in place of `import tensorflow as tf`; editors and type checkers find the names.
- **As code of its own**: `graphflow convert saved_model/ --python model.py` writes the model as one numpy file that needs no
  framework, `--train` its training step too; `--onnx` and `--stablehlo` write it for other runtimes ([export.md](export.md)).
- **To TensorFlow 2 or another framework**: load the values by their variables' names from the `.npz`; weights of `tf.layers` and cells
  are laid out as TensorFlow's (`kernel` [inputs, outputs], gates of an LSTM in the order i, j, f, o).
"""


def old_names() -> str:
    """A paragraph for each library: its names that answer."""
    from graphflow.commands.old_libraries import NAMES, modules
    found = []
    for library, names in sorted(NAMES.items()):
        if library in ("scipy", "matplotlib", "sklearn", "sklearn.preprocessing", "sklearn.datasets"):
            continue
        listed = sorted(name for name in names() if not name.startswith("_"))
        if listed:
            found.append(textwrap.fill(f"`{library}`: " + ", ".join(f"`{name}`" for name in listed) + ".", 150, break_on_hyphens=False))
    moved = ", ".join(f"`{name}`" for name in sorted(modules.MOVED))
    found.append("`scipy`: numpy's names. `sklearn.datasets`: `fetch_mldata` (MNIST). `sklearn.preprocessing`: `Imputer`.\n"
                 "Methods of arrays: `tostring`, `ptp`, `itemset`, `newbyteorder`; of threads: `isAlive`.")
    found.append(textwrap.fill(f"Whole modules, where they are gone: {moved}.", 150, break_on_hyphens=False))
    return "\n\n".join(found)


def absent(least: int = 2) -> list[str]:
    """The names that `least` of the counted repositories use and that are absent, most used first."""
    from graphflow.commands import stand_in
    from graphflow.commands.missing import refuses
    from tools import api_coverage
    stand_in.install()
    try:
        found = [use for use in api_coverage.usage() if use.repositories >= least]
        return [use.symbol for use in found if (value := api_coverage.find(use.symbol)) is api_coverage.MISSING or refuses(value)]
    finally:
        stand_in.uninstall()


def main() -> int:
    sys.path.insert(0, str(ROOT))
    names = ", ".join(f"`tf.{name}`" for name in absent())
    wrapped = textwrap.fill(names, 150, break_on_hyphens=False)
    PAGE.write_text(f"{HEAD}\n## Names of libraries that answer\n\n{old_names()}\n\n## Names that programs use and that are absent\n\n"
                    f"Of the names that two or more of 96 public repositories use:\n\n{wrapped}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
