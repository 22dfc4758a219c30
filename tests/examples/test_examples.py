"""Every program of examples/, run by `graphflow run` in a small size; the documents' figures; the same under TensorFlow (oracle)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.datasets.mnist_files import shipped

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


def output(name, folder, small=True, **environment):
    """What `graphflow run examples/NAME.py` prints, random numbers repeated: a bound holds each time or never."""
    command = [sys.executable, "-m", "graphflow", "run", "--seed", "1", str(EXAMPLES / f"{name}.py"), *(["--small"] if small else [])]
    own = {key: value for key, value in os.environ.items() if key != "GRAPHFLOW_DATA"}    # the digits of the package, if not told otherwise
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=own | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tensorflow_output(name, folder, python):
    runner = Path(__file__).with_name("run_with_tensorflow.py")
    environment = os.environ | {"TF_USE_LEGACY_KERAS": "1"}
    done = subprocess.run(
        [python, str(runner), str(EXAMPLES / f"{name}.py"), "--small"], capture_output=True, text=True, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def figures(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def costs(text):
    """The last number of each line."""
    return [figures(line)[-1] for line in text.splitlines() if figures(line)]


def accuracies(text):
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def primer_document():
    """The figures of the document: plain Python, then the same table for each of the three TensorFlow programs."""
    lines = (GOLDEN / "primer.txt").read_text().splitlines()
    return lines[:11], lines[11:]


def test_the_primer_gives_the_documents_figures_to_every_digit_shown(tmp_path):
    got = output("primer", tmp_path).splitlines()
    plain, tensorflow = primer_document()
    assert got[:11] == plain
    assert len(got) == 44
    for way in range(3):
        for line, wanted in zip(got[11 * (way + 1) :], tensorflow, strict=False):
            # TensorFlow 1 printed six significant digits
            assert [f"{value:.6g}" for value in figures(line)] == [f"{value:.6g}" for value in figures(wanted)], line


def test_the_basics_print_what_the_slides_describe(tmp_path):
    shown = (GOLDEN / "basics.txt").read_text()
    if int(np.__version__.split(".")[0]) < 2:  # where numpy's scalars print as plain numbers
        shown = re.sub(r"np\.float32\(([^)]*)\)", r"\1", shown)
    assert output("basics", tmp_path) == shown


def test_linear_regression_fits_and_saves_its_plot(tmp_path):
    first, last = figures(output("linear_regression", tmp_path).splitlines()[-1])
    assert last < first
    assert (tmp_path / "output" / "linear_regression.png").stat().st_size > 5000


def test_softmax_regression_learns_within_a_hundred_steps(tmp_path):
    got = accuracies(output("softmax_regression", tmp_path))
    assert got[0] == pytest.approx(8.5)    # zero weights answer 0 for all: the share of zeros
    assert got[-1] > 80


def test_the_mlp_learns_in_one_epoch(tmp_path):
    assert accuracies(output("mlp", tmp_path))[-1] > 80


def test_the_cnn_trains_and_reports(tmp_path):
    (accuracy,) = accuracies(output("cnn", tmp_path))
    assert 5 <= accuracy <= 100


def test_the_sine_fits_fall_and_save_their_plots(tmp_path):
    text = output("sine_fit", tmp_path)
    parts = re.split(r"^(.*neurons|polynomial.*)$", text, flags=re.MULTILINE)
    last = {name: costs(numbers)[-1] for name, numbers in zip(parts[1::2], parts[2::2], strict=True)}
    assert set(last) == {"100 linear neurons", *(f"polynomial of degree {k}" for k in (1, 3, 4)), "10 tanh neurons"}
    assert last["10 tanh neurons"] < last["polynomial of degree 1"]    # the document's point: only a curve can follow the sine
    assert len(list((tmp_path / "output").glob("sine_*.png"))) == 11


def test_layer_names_are_tensorflows(tmp_path):
    assert output("layer_names", tmp_path) == (GOLDEN / "layer_names.txt").read_text()


def test_painting_lowers_the_cost_and_saves_the_picture(tmp_path):
    text = output("paint_image", tmp_path)
    assert text.startswith("(4096, 2) (4096, 3)\n")
    got = costs(text)[1:]
    assert len(got) == 20 and got[-1] < 0.9 * got[0]    # falls by 23 to 35 %, whatever the seed
    assert (tmp_path / "output" / "paint_020.png").exists()


def inspected(folder, *what):
    """What `graphflow inspect` says of files that an example left."""
    done = subprocess.run([sys.executable, "-m", "graphflow", "inspect", *what], capture_output=True, text=True, cwd=folder,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_graph_is_logged(tmp_path):
    assert output("log_graph", tmp_path) == "15625\n"
    (file,) = os.listdir(tmp_path / "logs")
    assert "3 events: 1 file_version, 1 graph_def, 1 meta_graph_def" in inspected(tmp_path, "logs")
    events = list(tf.train.summary_iterator(str(tmp_path / "logs" / file)))
    nodes = {node.name: node.op for node in tf.GraphDef.FromString(events[1].graph_def).node}
    assert nodes == {"Add/x": "Const", "Add/y": "Const", "Add": "AddV2", "Mul/x": "Const", "Mul/y": "Const", "Mul": "Mul", "Pow": "Pow"}


SAVED = """\
checkpoint tmp/model.ckpt (V2)
  model.ckpt.data-00000-of-00001  31.4 kB
  model.ckpt.index  159 B
  the state file keeps 1: model.ckpt

Variable    float32  [784, 10]  31.4 kB
Variable_1  float32  [10]          40 B

2 tensors, 7,850 elements, 31.4 kB
"""


def test_trained_weights_are_saved_and_restored(tmp_path):
    trained, saved, restored = output("save_and_restore", tmp_path).splitlines()
    assert trained == restored and figures(trained)[0] > 0.7
    assert saved == "Model saved in file: ./tmp/model.ckpt"
    files = [f"model.ckpt.{ending}" for ending in ("data-00000-of-00001", "index", "meta")]
    assert sorted(os.listdir(tmp_path / "tmp")) == ["checkpoint", *files]
    assert inspected(tmp_path, "tmp") == SAVED
    assert "min -0." in inspected(tmp_path, "tmp/model.ckpt", "--statistics")


@pytest.mark.oracle
def test_tensorflow_leaves_the_same_files(tmp_path, tensorflow_python):
    folders = [tmp_path / "theirs", tmp_path / "ours"]
    for folder in folders:
        folder.mkdir()
    tensorflow_output("save_and_restore", folders[0], tensorflow_python)
    output("save_and_restore", folders[1])
    assert [inspected(folder, "tmp") for folder in folders] == [SAVED, SAVED]
    events = [inspected(folder, "logs").splitlines()[1] for folder in folders]
    assert events == ["3 events: 1 file_version, 1 graph_def, 1 meta_graph_def"] * 2


def test_the_line_in_keras_is_the_documents(tmp_path):
    (line,), (price,) = map(figures, output("keras_line", tmp_path).splitlines())
    assert line == pytest.approx(18.98, abs=0.02)      # the document: 18.983627, from other random weights
    assert 2.5 < price < 6


def test_tapes_print_what_the_document_shows(tmp_path):
    text = output("gradient_tape", tmp_path)
    assert text.count("Gradient of y wrt x tf.Tensor(\n[[2. 2.]\n [2. 2.]], shape=(2, 2), dtype=float32)") == 2
    assert "Gradient of y wrt x tf.Tensor(2.0, shape=(), dtype=float32)" in text


@pytest.fixture
def few_digits(tmp_path):
    """A folder with mnist.npz of the digits in the package."""
    digits = shipped()
    np.savez(tmp_path / "mnist.npz", **{name: getattr(digits, name) for name in ("x_train", "y_train", "x_test", "y_test")})
    return str(tmp_path)


def test_the_digits_in_keras_are_learned(tmp_path, few_digits):
    last = output("keras_digits", tmp_path, GRAPHFLOW_DATA=few_digits).splitlines()[-1]
    assert last.startswith("test_acc: ") and figures(last)[0] > 0.8


def test_the_network_by_hand_learns(tmp_path, few_digits):
    lines = output("own_network", tmp_path, GRAPHFLOW_DATA=few_digits).splitlines()
    assert lines[0] == "Epoch 0" and costs(lines[1])[0] > costs(lines[3])[0] and lines[-1].startswith("Accuracy: ")


@pytest.mark.slow
def test_keras_reaches_the_documents_accuracy_on_full_mnist(tmp_path, full_mnist):
    last = output("keras_digits", tmp_path, small=False, GRAPHFLOW_DATA=str(full_mnist)).splitlines()[-1]
    assert figures(last)[0] > 0.975


@pytest.mark.slow
def test_the_network_by_hand_gives_the_documents_curve_on_full_mnist(tmp_path, full_mnist):
    lines = output("own_network", tmp_path, small=False, GRAPHFLOW_DATA=str(full_mnist)).splitlines()
    assert len(lines) == 61 and figures(lines[-1])[0] == pytest.approx(0.82, abs=0.03)
    firsts = [figures(line)[-1] for line in lines if "batch 0:" in line]
    assert firsts[1:] == pytest.approx([1.91, 1.59, 1.33, 1.13, 0.99, 0.88, 0.79, 0.73, 0.68], abs=0.15)


def test_every_example_has_a_test_and_a_row_in_the_readme():
    readme = (EXAMPLES / "README.md").read_text()
    assert [name for name in NAMES if f"examples/{name}.py" not in readme] == []
    assert [name for name in NAMES if f'"{name}"' not in Path(__file__).read_text()] == []


@pytest.mark.slow
def test_softmax_regression_reaches_92_percent_on_full_mnist(tmp_path, full_mnist):
    assert accuracies(output("softmax_regression", tmp_path, small=False, GRAPHFLOW_DATA=str(full_mnist)))[-1] > 91.5


@pytest.mark.slow
def test_the_cnn_reaches_97_percent_on_full_mnist(tmp_path, full_mnist):
    assert accuracies(output("cnn", tmp_path, small=False, GRAPHFLOW_DATA=str(full_mnist)))[-1] >= 97


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["basics", "layer_names"])
def test_goldens_are_what_tensorflow_prints(name, tmp_path, tensorflow_python):
    assert tensorflow_output(name, tmp_path, tensorflow_python) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.oracle
def test_the_primer_agrees_with_tensorflow_to_float32_rounding(tmp_path, tensorflow_python):
    assert figures(output("primer", tmp_path)) == pytest.approx(figures(tensorflow_output("primer", tmp_path, tensorflow_python)), rel=2e-6)
