"""graphflow inspect and graphflow convert."""

import json
import sys

import numpy as np
import pytest

import graphflow as tf
from graphflow import cli
from graphflow.formats.bundle import BundleWriter
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.graph_file import read_graph_message
from tests.tf_fixtures import array, bad_cases, manifest, path


def inspect(capsys, *arguments):
    code = cli.main(["inspect", *map(str, arguments)])
    return code, capsys.readouterr().out


def complaint(capsys, *arguments):
    """What `inspect` says on stderr of what it cannot read."""
    code = cli.main(["inspect", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (1, "", 1) and err.startswith("graphflow inspect: ")
    return err


def convert(*arguments):
    return cli.main(["convert", *map(str, arguments)])


def test_a_checkpoint_as_text_and_as_json(capsys):
    prefix = path("ckpt/partitioned/tulip.ckpt-11")
    code, text = inspect(capsys, prefix, "--statistics")
    assert code == 0
    assert "table" in text and "[11, 3]" in text and "in 3 slices" in text and "mean" in text
    code, text = inspect(capsys, prefix, "--json", "--statistics", "--tensor", "plain")
    found = json.loads(text)
    with open_checkpoint(str(prefix)) as reader:
        plain = reader.read("plain")
    assert found["tensors"][0]["values"] == plain.tolist()
    assert found["tensors"][0]["statistics"]["max"] == plain.max()
    assert inspect(capsys, f"{prefix}.index")[1] == inspect(capsys, prefix)[1]  # any of its files will do


@pytest.mark.parametrize("name", sorted(name for name in manifest() if name.split("/")[0] in ("ckpt", "events", "saved_model")))
def test_every_fixture_is_told(name, capsys):
    entry = manifest()[name]
    place = path(entry["prefix"]) if "prefix" in entry else path(name)
    code, text = inspect(capsys, place, "--json", "--statistics")
    found = json.loads(text)
    assert code == 0 and found["problems"] == []
    assert found["kind"] == {"ckpt": "checkpoint", "events": "events", "saved_model": "saved_model"}[name.split("/")[0]]
    assert inspect(capsys, place)[0] == 0


@pytest.mark.parametrize("name", sorted(name for name in manifest() if name.startswith("graphs/")))
def test_graphs_are_told(name, capsys):
    for file in manifest()[name]["files"]:
        if file.endswith((".pb", ".pbtxt", ".meta")):
            code, text = inspect(capsys, path(file), "--json")
            assert code == 0 and json.loads(text)["nodes"] > 0
            assert "nodes" in inspect(capsys, path(file))[1]


@pytest.mark.parametrize("name, case", [(name, case) for name, case in bad_cases("bundle") if case["outcome"] != "ok"])
def test_it_tells_what_a_damaged_checkpoint_suffers_from(name, case, capsys):
    code, text = inspect(capsys, path(case["path"]), "--json")
    problems = json.loads(text)["problems"]
    assert code == 1 and problems
    assert case["path"].split("/")[-2] in problems[0]


def test_it_tells_what_other_damaged_files_suffer_from(capsys):
    cases = bad_cases("events")
    assert len(cases) > 5
    for name, case in cases:
        code, text = inspect(capsys, path(case["path"]))
        assert code == (0 if case["outcome"] == "ok" else 1), name
        assert ("DAMAGED: " in text) == (code == 1), name
    assert "no graph: neither a GraphDef" in complaint(capsys, path("bad/graph/garbage.meta"))
    assert "no such file" in complaint(capsys, "no/such/file")


def test_a_damaged_tensor_is_listed_with_the_others(tmp_path, capsys):
    with BundleWriter(str(tmp_path / "m")) as writer:
        for name in "abc":
            writer.add(name, np.ones(10, np.float32))
    data = tmp_path / "m.data-00000-of-00001"
    data.write_bytes(b"\7" * 10 + data.read_bytes()[10:])
    code, text = inspect(capsys, tmp_path / "m")
    assert code == 1
    assert [line.split() for line in text.splitlines() if line[:2] in ("a ", "b ")] == [
        ["a", "float32", "[10]", "40", "B", "DAMAGED"], ["b", "float32", "[10]", "40", "B"]]
    assert text.count("DAMAGED: ") == 1 and "tensor a at bytes 0 to 40: Checksum does not match" in text
    found = json.loads(inspect(capsys, tmp_path / "m", "--json")[1])
    assert [tensor.get("damaged", False) for tensor in found["tensors"]] == [True, False, False]
    data.unlink()
    assert inspect(capsys, tmp_path / "m")[1].count("this data file is missing") == 1


def test_a_state_file_is_told(tmp_path, capsys):
    place = path("ckpt/keep/checkpoint")
    code, text = inspect(capsys, place)
    rows = [line.split() for line in text.splitlines()]
    assert code == 0 and rows[0][:2] == ["checkpoint", "state"]
    assert [row[0].rpartition("/")[2] for row in rows[1:]] == ["basalt-2494", "basalt-3365", "basalt-4976"]
    assert [len(row) for row in rows[1:]] == [1, 1, 2] and rows[-1][1] == "latest"
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone"\nall_model_checkpoint_paths: "gone"\n')
    code, text = inspect(capsys, tmp_path / "checkpoint", "--json")
    assert code == 1 and json.loads(text)["problems"] == [f"{tmp_path / 'checkpoint'}: the checkpoint {tmp_path / 'gone'} is not there"]


def test_what_is_nothing_known_is_told(tmp_path, capsys):
    (tmp_path / "program.py").write_text("print('hello')\n" * 5)
    text = complaint(capsys, tmp_path / "program.py")
    assert "program.py: no checkpoint, no event file; nor is it a graph: no graph: " in text and text.count("program.py") == 1


def test_one_damaged_event_file_of_a_folder_counts(tmp_path, capsys):
    sound = path("bad/events/events.out.tfevents.1700000115.undamaged").read_bytes()
    (tmp_path / "events.out.tfevents.1.a").write_bytes(sound[:-3])
    (tmp_path / "events.out.tfevents.2.a").write_bytes(sound)
    code, text = inspect(capsys, tmp_path)
    assert code == 1 and text.count("DAMAGED: ") == 1
    assert "events before it are whole. Is it still being written?" in text


def same(one, other, names=None):
    with open_checkpoint(str(one)) as a, open_checkpoint(str(other)) as b:
        assert b.names() == (a.names() if names is None else names)
        for name in b.names():
            x, y = a.read(name), b.read(name)
            assert x.dtype == y.dtype and x.shape == y.shape
            assert x.tolist() == y.tolist() if x.dtype == object else x.tobytes() == y.tobytes()


@pytest.mark.parametrize("name", ["ckpt/mlp_adam/basalt.ckpt-6", "ckpt/partitioned/tulip.ckpt-11", "ckpt/big_endian/be",
                                  "ckpt/tiles/tiles"])
@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_there_and_back(name, form, tmp_path, capsys):
    if form == "safetensors":
        pytest.importorskip("safetensors")
    middle, back, only = tmp_path / f"t.{form}", tmp_path / "back", []
    if form == "safetensors" and "big_endian" in name:
        only = ["--only", "(?!text)"]
    assert convert(path(name), middle, *only) == 0
    assert convert(middle, back) == 0
    same(path(name), back, ["c64", "f16", "f32", "f64", "flag", "i32", "i64", "u8"] if only else None)


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_types_that_numpy_lacks_come_back(form, tmp_path):
    if form == "safetensors":
        pytest.importorskip("safetensors")
    ml_dtypes = pytest.importorskip("ml_dtypes")
    with BundleWriter(str(tmp_path / "m")) as writer:
        for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2):
            writer.add(dtype.__name__, np.arange(5).astype(dtype))
        writer.add("scalar", np.float32(3))
        writer.add("empty", np.zeros((0, 3), np.int8))
    assert convert(tmp_path / "m", tmp_path / f"t.{form}") == 0
    assert convert(tmp_path / f"t.{form}", tmp_path / "back") == 0
    same(tmp_path / "m", tmp_path / "back")


def test_an_npz_of_a_checkpoint_is_an_ordinary_npz(tmp_path):
    convert(path("ckpt/mlp_adam/basalt.ckpt-6"), tmp_path / "w.npz", "--only", "amber/kernel$")
    with np.load(tmp_path / "w.npz") as arrays:
        assert arrays.files == ["amber/kernel"]


def test_what_cannot_be_converted_is_told(tmp_path, capsys):
    with BundleWriter(str(tmp_path / "m")) as writer:
        writer.add("s", np.array([b"a\0", b""], object))
    assert convert(tmp_path / "m", tmp_path / "t.npz") == 1
    assert "zero byte" in capsys.readouterr().err
    assert not list(tmp_path.glob("t.npz*"))
    assert convert(path("bad/bundle/data_bit_flip/model"), tmp_path / "t.npz", "--json") == 1
    assert "Checksum does not match" in json.loads(capsys.readouterr().out)["error"]
    (tmp_path / "no.npz").write_bytes(b"PK nonsense")
    assert convert(tmp_path / "no.npz", tmp_path / "t") == 1
    assert convert(tmp_path / "none", tmp_path / "no.npz") == 1
    assert "--force" in capsys.readouterr().err
    assert convert(path("ckpt/mlp_adam/basalt.ckpt-6"), tmp_path / "t.npz", "--only", "zebra") == 1


def test_safetensors_says_which_package_it_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    assert convert(path("ckpt/mlp_adam/basalt.ckpt-6"), tmp_path / "t.safetensors") == 1
    assert "pip install 'graphflow-tf1[safetensors]'" in capsys.readouterr().err


def test_v1_becomes_v2(tmp_path):
    assert convert(path("ckpt/v1/maple.v1-84"), tmp_path / "m") == 0
    same(path("ckpt/v1/maple.v1-84"), tmp_path / "m")


def test_graphs_as_text_and_back(tmp_path):
    for source in (path("graphs/cnn/graph.pb"), path("ckpt/mlp_adam/basalt.ckpt-6.meta")):
        ending = source.suffix
        assert convert(source, tmp_path / f"t{ending}.pbtxt") == 0
        assert convert(tmp_path / f"t{ending}.pbtxt", tmp_path / f"back{ending}") == 0
        assert read_graph_message(tmp_path / f"back{ending}") == read_graph_message(source)


def test_a_graph_is_told_by_its_content_and_found_by_folder_or_prefix(tmp_path, capsys):
    graph = path("graphs/cnn/graph.pb").read_bytes()
    meta = path("ckpt/mlp_adam/basalt.ckpt-6.meta").read_bytes()
    (tmp_path / "saved_model.pb").write_bytes(graph)
    (tmp_path / "g.meta").write_bytes(graph)
    (tmp_path / "m.pb").write_bytes(meta)
    (tmp_path / "n.meta").write_bytes(meta)
    (tmp_path / "p.pb").write_bytes(b'{"format": "graphflow-graph", "version": 1, "nodes": []}')
    for source, kind in (("saved_model.pb", "GraphDef"), ("g.meta", "GraphDef"), ("m.pb", "MetaGraphDef"), ("n", "MetaGraphDef"),
                         ("", "GraphDef")):
        assert convert(tmp_path / source, tmp_path / "out.pbtxt", "--force") == 0
        assert f"message {kind}" in capsys.readouterr().out
        assert type(read_graph_message(tmp_path / "out.pbtxt")).__name__ == kind
    assert convert(tmp_path / "p.pb", tmp_path / "q.pbtxt") == 1
    assert "only what pictures need: draw and view read it" in capsys.readouterr().err
    assert convert(tmp_path / "none", tmp_path / "q.pbtxt") == 1
    assert "none: no such file, and no checkpoint of that name with a .meta file" in capsys.readouterr().err


def test_a_frozen_graph_has_no_variables(tmp_path, capsys):
    prefix = path("ckpt/partitioned/tulip.ckpt-11")
    assert convert(f"{prefix}.meta", tmp_path / "frozen.pb", "--freeze", "plain/read", "--checkpoint", prefix) == 0
    found = json.loads(inspect(capsys, tmp_path / "frozen.pb", "--json")[1].partition("\n")[2] or "{}")
    assert found.get("variables", []) == []
    assert convert(f"{prefix}.meta", tmp_path / "f2.pb", "--freeze", "plain/read") == 1


def test_a_saved_model_is_frozen_with_its_own_values(tmp_path):
    entry = manifest()["saved_model/classifier"]
    source, frozen = path(entry["directory"]), tmp_path / "frozen.pb"
    assert convert(source, frozen, "--freeze", "scores") == 0
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(tf.GraphDef.FromString(frozen.read_bytes()), name="")
        assert not [op for op in session.graph.get_operations() if "Var" in op.type]
        fed = entry["signatures"]["raw"]["inputs"]["x"]["name"]
        found = session.run("scores:0", {fed: array(entry["feed"]["value"], entry["data"])})
    np.testing.assert_allclose(found, array(entry["outputs"]["scores"], entry["data"]), rtol=1e-6)


def test_a_conversion_that_lacks_something_leaves_no_file(tmp_path, capsys):
    source = path("saved_model/classifier")
    for arguments, what in [
        ((source, tmp_path / "f.pb", "--freeze", "scorez"), "the graph has no node scorez; near names: scores"),
        ((source, tmp_path / "f.pb", "--freeze", "scores", "--checkpoint", tmp_path / "none"), "not a valid checkpoint"),
        ((path("ckpt/dtypes/haven"), tmp_path / "no" / "t.npz"), "there is no folder"),
    ]:
        assert convert(*arguments) == 1
        assert what in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    text = complaint(capsys, path("ckpt/mlp_adam/basalt.ckpt-6"), "--tensor", "biases")
    assert "Key biases not found in checkpoint" in text and "DAMAGED" not in text


def test_a_folder_of_runs_is_inspected_run_by_run(tmp_path, capsys):
    for run in ("train", "deep/eval"):
        with tf.summary.FileWriter(str(tmp_path / run)) as writer:
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=1.0)]), 1)
    assert cli.main(["inspect", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert told.count("event file ") == 2 and str(tmp_path / "train") in told and str(tmp_path / "deep/eval") in told
