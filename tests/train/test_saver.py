"""tf.train.Saver as TF1 programs use it."""

import io
import os
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.bundle import BundleReader
from tests.tf_fixtures import array, manifest, path

NODES_OF_A_SAVER = """\
save/filename/input Const
save/filename PlaceholderWithDefault save/filename/input
save/Const PlaceholderWithDefault save/filename
save/SaveV2/tensor_names Const
save/SaveV2/shape_and_slices Const
save/SaveV2 SaveV2 save/Const save/SaveV2/tensor_names save/SaveV2/shape_and_slices p/part_0/read p/part_1/read r/Read/ReadVariableOp v
save/control_dependency Identity save/Const ^save/SaveV2
save/RestoreV2/tensor_names Const
save/RestoreV2/shape_and_slices Const
save/RestoreV2 RestoreV2 save/Const save/RestoreV2/tensor_names save/RestoreV2/shape_and_slices
save/Assign Assign p/part_0 save/RestoreV2
save/Assign_1 Assign p/part_1 save/RestoreV2:1
save/Identity Identity save/RestoreV2:2
save/AssignVariableOp AssignVariableOp r save/Identity
save/Assign_2 Assign v save/RestoreV2:3
save/restore_all NoOp ^save/Assign ^save/Assign_1 ^save/AssignVariableOp ^save/Assign_2"""


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def variables():
    """A plain, a resource and a partitioned variable."""
    return (tf.get_variable("v", [2, 3]), tf.get_variable("r", [2], use_resource=True),
            tf.get_variable("p", [4, 3], partitioner=tf.fixed_size_partitioner(2)))


def session():
    made = tf.Session()
    made.run(tf.global_variables_initializer())
    return made


def node_lines(graph, scope):
    return "\n".join(
        " ".join([op.name, op.type, *[t.name.removesuffix(":0") for t in op.inputs], *[f"^{c.name}" for c in op.control_inputs]])
        for op in graph.get_operations() if op.name.startswith(scope))


def test_the_graph_gets_the_operations_of_tf1(graph):
    variables()
    saver = tf.train.Saver()
    assert node_lines(graph, "save/") == NODES_OF_A_SAVER
    assert graph.get_operation_by_name("save/RestoreV2").device == "/device:CPU:0"
    definition = saver.as_saver_def()
    assert (definition.filename_tensor_name, definition.save_tensor_name, definition.restore_op_name) == (
        "save/Const:0", "save/control_dependency:0", "save/restore_all")
    assert (definition.max_to_keep, definition.keep_checkpoint_every_n_hours, definition.version) == (5, 10000, tf.train.SaverDef.V2)
    assert tf.train.Saver().saver_def.filename_tensor_name == "save_1/Const:0"
    assert tf.train.Saver(name="mine").saver_def.restore_op_name == "mine/restore_all"


def test_saved_values_come_back(tmp_path):
    v, r, p = variables()
    saver = tf.train.Saver()
    with session() as sess:
        before = sess.run([v, r, p.as_tensor()])
        prefix = saver.save(sess, str(tmp_path / "model.ckpt"), global_step=7)
        assert prefix == str(tmp_path / "model.ckpt-7")
        sess.run([tf.assign(v, v + 1), r.assign(r * 2), [part.assign(part - 3) for part in p]])
        saver.restore(sess, prefix)
        for old, new in zip(before, sess.run([v, r, p.as_tensor()]), strict=True):
            np.testing.assert_array_equal(old, new)
    with tf.Session() as sess:  # restoring initializes
        saver.restore(sess, prefix)
        np.testing.assert_array_equal(sess.run(v), before[0])
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "model.ckpt-7.data-00000-of-00001", "model.ckpt-7.index", "model.ckpt-7.meta"]
    assert tf.train.list_variables(str(tmp_path)) == [("p", [4, 3]), ("r", [2]), ("v", [2, 3])]
    np.testing.assert_array_equal(tf.train.load_variable(str(tmp_path), "p"), before[2])


def test_running_the_restore_operation_gives_the_same_as_restoring(tmp_path):
    v, r, p = variables()
    saver = tf.train.Saver()
    with session() as sess:
        before = sess.run([v, r, p.as_tensor()])
        prefix = saver.save(sess, str(tmp_path / "m"))
        sess.run(tf.global_variables_initializer())
        sess.run("save/restore_all", {"save/Const:0": prefix})
        for old, new in zip(before, sess.run([v, r, p.as_tensor()]), strict=True):
            np.testing.assert_array_equal(old, new)
        with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files"):
            sess.run("save/restore_all", {"save/Const:0": str(tmp_path / "none")})


def test_a_plan_made_before_a_restore_sees_the_restored_values(tmp_path):
    v = tf.get_variable("v", [3], initializer=tf.zeros_initializer())
    saver, twice = tf.train.Saver(), v * 2.0
    add = v.assign_add([1.0, 1.0, 1.0])
    with session() as sess:
        saver.save(sess, str(tmp_path / "m"))
        assert sess.run(add).tolist() == [1, 1, 1]
        kept = sess.run(v)
        assert sess.run(twice).tolist() == [2, 2, 2]
        saver.restore(sess, str(tmp_path / "m"))
        assert sess.run(twice).tolist() == [0, 0, 0]
        assert kept.tolist() == [1, 1, 1]  # what was fetched before does not change


def test_every_type_comes_back(tmp_path):
    values = {"f16": np.arange(3, dtype=np.float16), "f64": np.arange(3.0), "i8": np.arange(3, dtype=np.int8),
              "u8": np.arange(3, dtype=np.uint8), "i16": np.arange(3, dtype=np.int16), "u16": np.arange(3, dtype=np.uint16),
              "i64": np.array(5), "c64": np.array([1 + 2j], np.complex64), "flag": np.array([True, False]),
              "text": np.array([b"a", b"", b"\x00\xff"], object), "none": np.zeros((0, 2), np.float32)}
    made = {name: tf.Variable(value, name=name) for name, value in values.items()}
    saver = tf.train.Saver()
    with session() as sess:
        prefix = saver.save(sess, str(tmp_path / "m"))
    with tf.Session() as sess:
        saver.restore(sess, prefix)
        for name, value in values.items():
            found = sess.run(made[name])
            assert found.shape == value.shape and found.dtype == value.dtype
            assert found.tolist() == value.tolist()


def test_a_sharded_saver_writes_a_file_per_device(tmp_path):
    with tf.device("/cpu:0"):
        a = tf.get_variable("a", [2])
    b = tf.get_variable("b", [3])
    saver = tf.train.Saver(sharded=True)
    with session() as sess:
        before = sess.run([a, b])
        prefix = saver.save(sess, str(tmp_path / "m"), write_meta_graph=False)
        assert sorted(os.listdir(tmp_path)) == ["checkpoint", "m.data-00000-of-00002", "m.data-00001-of-00002", "m.index"]
        sess.run(tf.global_variables_initializer())
        saver.restore(sess, prefix)
        for old, new in zip(before, sess.run([a, b]), strict=True):
            np.testing.assert_array_equal(old, new)


def test_a_missing_folder_is_made_but_no_folders_above_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    v = tf.Variable(3.0, name="v")
    saver = tf.train.Saver()
    model_path = "./tmp/model.ckpt"
    with session() as sess:
        assert saver.save(sess, model_path) == model_path
        saver.restore(sess, model_path)
        assert sess.run(v) == 3.0
    assert tf.train.latest_checkpoint("tmp") == os.path.join("tmp", "model.ckpt")


def test_long_saves_show_progress_on_a_terminal(tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("graphflow.formats.progress._SHOWN_FROM", 1000)
    monkeypatch.setattr("graphflow.formats.progress._PAUSE", 0)
    tf.get_variable("v", [1000, 1000])
    saver = tf.train.Saver()
    with session() as sess:
        for terminal in (Terminal(), io.StringIO()):
            monkeypatch.setattr("sys.stderr", terminal)
            prefix = saver.save(sess, str(tmp_path / "model"), write_meta_graph=False)
            saver.restore(sess, prefix)
            lines = terminal.getvalue().split("\r")
            if isinstance(terminal, Terminal):
                assert sum("saving model: " in line and "of 4 MB" in line for line in lines) == 4  # one for each MB
                assert any("restoring model: 4 of 4 MB" in line for line in lines)
                assert lines[-1] == "\x1b[K"  # the line is wiped at the end
            else:
                assert lines == [""]


def test_the_oldest_checkpoints_go(tmp_path):
    tf.Variable(1.0, name="v")
    saver = tf.train.Saver(max_to_keep=2)
    with session() as sess:
        for step in (1, 2, 3):
            saver.save(sess, str(tmp_path / "m"), global_step=step)
        assert saver.last_checkpoints == [str(tmp_path / f"m-{step}") for step in (2, 3)]
        assert sorted(os.listdir(tmp_path)) == ["checkpoint", *(f"m-{step}.{end}" for step in (2, 3)
                                                                for end in ("data-00000-of-00001", "index", "meta"))]
        saver.save(sess, str(tmp_path / "m"), global_step=2)  # saved again: now the newest
        assert saver.last_checkpoints == [str(tmp_path / "m-3"), str(tmp_path / "m-2")]
        state = tf.train.get_checkpoint_state(str(tmp_path))
        assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints
        assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "m-2")


@pytest.mark.parametrize("keep", [0, None])
def test_all_are_kept_on_request_and_the_state_names_the_newest(tmp_path, keep):
    tf.Variable(1.0, name="v")
    saver = tf.train.Saver(max_to_keep=keep)
    with session() as sess:
        for step in range(7):
            saver.save(sess, str(tmp_path / "m"), global_step=step, write_meta_graph=False)
    assert len(list(tmp_path.glob("*.index"))) == 7
    assert saver.last_checkpoints == []
    assert list(tf.train.get_checkpoint_state(str(tmp_path)).all_model_checkpoint_paths) == [str(tmp_path / "m-6")]


def test_one_in_so_many_hours_stays(tmp_path, monkeypatch):
    now = [time.time()]
    monkeypatch.setattr("graphflow.train.saver.time.time", lambda: now[0])
    tf.Variable(1.0, name="v")
    saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=1)
    with session() as sess:
        for step in range(6):
            saver.save(sess, str(tmp_path / "m"), global_step=step, write_meta_graph=False)
            now[0] += 1500
    kept = sorted(int(file.stem.split("-")[1]) for file in tmp_path.glob("*.index"))
    assert kept == [3, 5]  # 3 is the first after one hour (at 4500 s), 5 the newest


def test_names_of_checkpoints(tmp_path):
    step = tf.Variable(3, name="global_step", dtype=tf.int64)
    with session() as sess:
        saver = tf.train.Saver(pad_step_number=True)
        assert saver.save(sess, str(tmp_path / "a"), global_step=12) == str(tmp_path / "a-00000012")
        assert saver.save(sess, str(tmp_path / "a"), global_step=step) == str(tmp_path / "a-00000003")
        assert tf.train.Saver().save(sess, str(tmp_path / "b"), global_step="global_step:0") == str(tmp_path / "b-3")
        saver.save(sess, str(tmp_path / "c"), latest_filename="best", meta_graph_suffix="graph")
        assert tf.train.latest_checkpoint(str(tmp_path), "best") == str(tmp_path / "c")
        assert (tmp_path / "c.graph").exists()
        with pytest.raises(ValueError, match="must not contain path components"):
            saver.save(sess, str(tmp_path / "d"), latest_filename="x/y")
        with pytest.raises(ValueError, match="collides"):
            saver.save(sess, str(tmp_path / "checkpoint"))
        with pytest.raises(ValueError, match=r"Parent directory of .* doesn't exist, can't save."):
            saver.save(sess, str(tmp_path / "no" / "such" / "m"))


def test_relative_paths_survive_a_move(tmp_path, monkeypatch):
    tf.Variable(1.0, name="v")
    (tmp_path / "one").mkdir()
    with session() as sess:
        tf.train.Saver(save_relative_paths=True).save(sess, str(tmp_path / "one" / "m"))
    (tmp_path / "one").rename(tmp_path / "two")
    assert tf.train.latest_checkpoint(str(tmp_path / "two")) == str(tmp_path / "two" / "m")
    monkeypatch.chdir(tmp_path)
    with session() as sess:
        tf.train.Saver().save(sess, "m")
    assert (tmp_path / "checkpoint").read_text() == 'model_checkpoint_path: "m"\nall_model_checkpoint_paths: "m"\n'
    assert tf.train.latest_checkpoint(".") == os.path.join(".", "m")


def test_a_restore_that_does_not_fit_names_all_that_is_wrong(tmp_path):
    tf.get_variable("layer/kernel", [2, 3])
    tf.get_variable("layer/bias", [3])
    tf.get_variable("step", [], tf.int64)
    with session() as sess:
        prefix = tf.train.Saver().save(sess, str(tmp_path / "m"))
    with tf.Graph().as_default():
        kernel = tf.get_variable("layer/kernel", [3, 2])
        missing = tf.get_variable("layer/biases", [3])
        step = tf.get_variable("step", [], tf.int32)
        with session() as sess:
            before = sess.run([kernel, missing])
            with pytest.raises(tf.errors.NotFoundError, match="Key layer/biases not found in checkpoint") as caught:
                tf.train.Saver().restore(sess, prefix)
            text = str(caught.value)
            assert "missing     layer/biases float32 [3]; near names: layer/bias" in text
            assert "layer/kernel: lhs shape= [3,2] rhs shape= [2,3]" in text
            assert "step; expected dtype int32 does not equal original dtype int64" in text
            assert "not used    layer/bias" in text
            assert os.path.basename(__file__) in text  # where the variables were made
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"shapes of both tensors to match. lhs shape= \[3,2\]"):
                tf.train.Saver([kernel]).restore(sess, prefix)
            with pytest.raises(tf.errors.InvalidArgumentError, match="expected dtype int32 does not equal original dtype int64"):
                tf.train.Saver([step]).restore(sess, prefix)
            for old, new in zip(before, sess.run([kernel, missing]), strict=True):
                np.testing.assert_array_equal(old, new)
            tf.train.Saver([kernel], reshape=True).restore(sess, prefix)
            np.testing.assert_array_equal(sess.run(kernel).ravel(), tf.train.load_variable(prefix, "layer/kernel").ravel())


def test_a_damaged_checkpoint_changes_no_variable(tmp_path):
    a, b = tf.get_variable("a", [1000]), tf.get_variable("b", [1000])
    saver = tf.train.Saver()
    with session() as sess:
        prefix = saver.save(sess, str(tmp_path / "m"))
        data = tmp_path / "m.data-00000-of-00001"
        changed = bytearray(data.read_bytes())
        changed[-5] ^= 1
        data.write_bytes(changed)
        sess.run(tf.global_variables_initializer())
        before = sess.run([a, b])
        with pytest.raises(tf.errors.DataLossError, match=r"tensor b at bytes 4000 to 8000: Checksum does not match"):
            saver.restore(sess, prefix)
        for old, new in zip(before, sess.run([a, b]), strict=True):
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("damaged", [False, True])
def test_several_threads_restore_large_models(tmp_path, monkeypatch, damaged):
    monkeypatch.setattr("graphflow.train.direct_restore._WORTH_THREADS", 0)
    made = [tf.get_variable(f"v{number}", [300, 1000], initializer=tf.random_normal_initializer(seed=number)) for number in range(6)]
    saver = tf.train.Saver()
    with session() as sess:
        before = sess.run(made)
        prefix = saver.save(sess, str(tmp_path / "m"))
    if damaged:
        data = tmp_path / "m.data-00000-of-00001"
        data.write_bytes(data.read_bytes()[:-1] + b"?")
    with tf.Session() as sess:
        if damaged:
            with pytest.raises(tf.errors.DataLossError, match="Checksum does not match"):
                saver.restore(sess, prefix)
            assert len(sess.run(tf.report_uninitialized_variables())) == 6
            return
        saver.restore(sess, prefix)
        for old, new in zip(before, sess.run(made), strict=True):
            np.testing.assert_array_equal(old, new)
        sess.run([variable.assign(variable * 2.0) for variable in made])
        saver.restore(sess, prefix)
        for old, new in zip(before, sess.run(made), strict=True):
            np.testing.assert_array_equal(old, new)


def test_what_is_wrong_is_told_when_the_saver_is_made():
    with pytest.raises(ValueError, match="No variables to save"):
        tf.train.Saver()
    assert tf.train.Saver(allow_empty=True).as_saver_def() is None
    v = tf.Variable(1.0, name="v")
    with pytest.raises(ValueError, match="build cannot be deferred"):
        tf.train.Saver([v], defer_build=True)
    with pytest.raises(TypeError, match="Not a variable"):
        tf.train.Saver({"x": tf.constant(1.0)})
    with pytest.raises(ValueError, match="same name"):
        tf.train.Saver([v, v])
    with pytest.raises(ValueError, match="two names"):
        tf.train.Saver({"a": v, "b": v})
    with pytest.raises(ValueError, match="saver_def must be a saver_pb2.SaverDef"):
        tf.train.Saver(saver_def="x")
    with pytest.raises(ValueError, match="must specify the save_tensor_name"):
        tf.train.Saver(saver_def=tf.train.SaverDef())


def test_a_deferred_saver_is_built_later(tmp_path):
    saver = tf.train.Saver(defer_build=True)
    v = tf.Variable(4.0, name="v")
    with session() as sess:
        with pytest.raises(RuntimeError, match=r"`build\(\)` should be called before save"):
            saver.save(sess, str(tmp_path / "m"))
        saver.build()
        saver.restore(sess, saver.save(sess, str(tmp_path / "m")))
        assert sess.run(v) == 4.0
        with pytest.raises(ValueError, match="The passed save_path is not a valid checkpoint"):
            saver.restore(sess, str(tmp_path / "none"))
        with pytest.raises(ValueError, match="Can't load save_path when it is None"):
            saver.restore(sess, None)


def test_checkpoints_of_an_earlier_run_are_taken_over(tmp_path):
    tf.Variable(4.0, name="v")
    with session() as sess:
        first = tf.train.Saver(max_to_keep=2)
        kept = [first.save(sess, str(tmp_path / "m"), global_step=step) for step in (1, 2)]
        second = tf.train.Saver(max_to_keep=2)
        second.recover_last_checkpoints([str(tmp_path / "gone"), *kept])
        assert second.last_checkpoints == kept
        second.save(sess, str(tmp_path / "m"), global_step=3)
        assert not tf.train.checkpoint_exists(kept[0]) and tf.train.checkpoint_exists(kept[1])
        second.set_last_checkpoints_with_time([("x", 1.0)])
        assert second.last_checkpoints == ["x"]
        with pytest.raises(AssertionError):
            second.set_last_checkpoints(("x",))


def test_saver_defs_go_both_ways():
    tf.Variable(4.0, name="v")
    with tf.name_scope("outer"):
        saver = tf.train.Saver()
    stripped = saver.to_proto(export_scope="outer")
    assert stripped.restore_op_name == "save/restore_all"
    assert saver.to_proto(export_scope="other") is None
    assert tf.train.Saver.from_proto(stripped, import_scope="outer").saver_def == saver.to_proto()


def test_an_object_based_checkpoint_restores_by_the_names_of_its_variables():
    w = tf.get_variable("Variable", [2, 3])
    with tf.Session() as sess:
        tf.train.Saver().restore(sess, str(path("ckpt/object_based/obj-1")))
        np.testing.assert_array_equal(sess.run(w), tf.train.load_variable(str(path("ckpt/object_based")),
                                                                          "net/w/.ATTRIBUTES/VARIABLE_VALUE"))


def test_a_killed_saves_checkpoint_restores(tmp_path):
    """What a process leaves that is killed between the renames of a save over an older checkpoint."""
    v = tf.Variable(1.0, name="v")
    saver = tf.train.Saver()
    with session() as sess:
        prefix = saver.save(sess, str(tmp_path / "m"))
        sess.run(v.assign(2.0))
        saver.save(sess, str(tmp_path / "new"))
        os.replace(tmp_path / "new.index", tmp_path / "m.index.pending0123456789abcdef")
        os.replace(tmp_path / "new.data-00000-of-00001", tmp_path / "m.data-00000-of-00001.tempstate0123456789abcdef")
        saver.restore(sess, prefix)
        assert sess.run(v) == 2.0


@pytest.mark.parametrize("name", ["ckpt/mlp_adam", "ckpt/partitioned", "ckpt/keep", "ckpt/v1", "ckpt/sharded"])
def test_a_graph_of_tensorflow_with_its_checkpoint(name, tmp_path):
    entry = manifest()[name]
    prefix = entry.get("prefix") or entry["latest"]
    saver = tf.train.import_meta_graph(str(path(prefix + ".meta")))
    expected = entry.get("tensors") or entry["tensors_by_prefix"][prefix]
    with tf.Session() as sess:
        saver.restore(sess, str(path(prefix)))
        for variable in tf.global_variables():
            info = variable._save_slice_info
            if info is None:
                np.testing.assert_array_equal(sess.run(variable), array(expected[variable.op.name], entry["data"]))
            else:
                rows = tuple(slice(start, start + size) for start, size in zip(info.var_offset, info.var_shape, strict=True))
                np.testing.assert_array_equal(sess.run(variable), array(expected[info.full_name], entry["data"])[rows])
        again = saver.save(sess, str(tmp_path / "again"))
    for ending in (".index", *(f".data-0000{shard}-of-0000{count}" for count in (1, 3) for shard in range(count)), ""):
        theirs = path(prefix + ending)
        if theirs.is_file():
            assert (tmp_path / f"again{ending}").read_bytes() == theirs.read_bytes(), ending
    message = tf.train.export_meta_graph()
    with tf.Graph().as_default():
        tf.train.import_meta_graph(message)
        assert len(tf.global_variables()) == len(message.collection_def["variables"].bytes_list.value)
    assert again == str(tmp_path / "again")


def test_meta_graphs_below_a_scope(tmp_path):
    v, r, p = variables()
    saver = tf.train.Saver()
    with session() as sess:
        before = sess.run([v, r, p.as_tensor()])
        prefix = saver.save(sess, str(tmp_path / "m"))
    with tf.Graph().as_default() as graph:
        imported = tf.train.import_meta_graph(prefix + ".meta", import_scope="copy")
        assert [variable.name for variable in tf.global_variables()] == ["copy/v:0", "copy/r:0", "copy/p/part_0:0", "copy/p/part_1:0"]
        assert tf.trainable_variables()[0] is tf.global_variables()[0]
        with tf.Session() as sess:
            imported.restore(sess, prefix)
            np.testing.assert_array_equal(sess.run("copy/v:0"), before[0])
        part = tf.train.export_meta_graph(export_scope="copy", graph=graph)
        assert {node.name.split("/")[0] for node in part.graph_def.node} >= {"v", "r", "p", "save"}
        with pytest.raises(OSError, match="does not exist"):
            tf.train.import_meta_graph(str(tmp_path / "none.meta"))
    text = str(tmp_path / "text.meta")
    message = tf.train.export_meta_graph(text, as_text=True, clear_devices=True, clear_extraneous_savers=True, strip_default_attrs=True)
    assert not any(node.device or node.name.startswith("save/") for node in message.graph_def.node)
    with tf.Graph().as_default():
        assert isinstance(tf.train.import_meta_graph(text), tf.train.Saver)


def test_training_goes_on_where_tensorflow_left_it():
    entry = manifest()["ckpt/mlp_adam"]
    resume = entry["resume"]
    saver = tf.train.import_meta_graph(str(path(entry["prefix"] + ".meta")))
    for name, collection in entry["meta"]["collections"].items():
        assert len(tf.get_collection(name)) == len(collection["values"]), name
    assert [t.name for t in tf.get_collection("inputs")] == entry["meta"]["collections"]["inputs"]["values"]
    assert tf.get_collection("some_ints") == [3, 14, -15] and tf.get_collection("some_floats") == [0.5, 2.25]
    feeds = {name: array(value, entry["data"]) for name, value in resume["feeds"].items()}
    with tf.Session() as sess:
        saver.restore(sess, str(path(entry["prefix"])))
        losses = [sess.run(resume["loss"], feeds)]
        for _ in range(3):
            sess.run(resume["train"], feeds)
            losses.append(sess.run(resume["loss"], feeds))
    np.testing.assert_allclose(losses, array(resume["losses"], entry["data"]), rtol=resume["rtol"])


def test_a_closed_session_is_told(tmp_path):
    tf.get_variable("v", [2])
    session, saver = tf.Session(), tf.train.Saver()
    session.run(tf.global_variables_initializer())
    prefix = saver.save(session, str(tmp_path / "m"))
    session.close()
    for work in (saver.restore, saver.save):
        with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
            work(session, prefix)


def test_a_path_that_is_no_checkpoint_comes_with_what_is_there(tmp_path):
    tf.get_variable("v", [2])
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        saver.save(session, str(tmp_path / "m"))
        with pytest.raises(ValueError, match="The passed save_path is not a valid checkpoint: .*none: .* holds m$"):
            saver.restore(session, str(tmp_path / "none"))
        with pytest.raises(ValueError, match="not a valid checkpoint: .* is a folder; tf.train.latest_checkpoint names the newest"):
            saver.restore(session, str(tmp_path))


def test_a_value_of_another_type_is_told_in_tensorflows_words(tmp_path):
    with tf.Session() as session:
        session.run(tf.get_variable("count", [], tf.int32, tf.zeros_initializer()).initializer)
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("count", [], tf.int64)
        with pytest.raises(tf.errors.InvalidArgumentError,
                           match="tensor_name = count; expected dtype int64 does not equal original dtype int32"):
            tf.train.Saver().restore(session, prefix)


@pytest.mark.parametrize("item", [3, "v", tf.Graph()])
def test_what_is_no_variable_is_refused(item):
    with pytest.raises(TypeError, match="Variable to save is not a Variable"):
        tf.train.Saver([item])
    with pytest.raises(TypeError, match="Variable to save is not a Variable"):
        tf.train.Saver([tf.constant(1)])


def test_no_memory_is_taken_for_a_tensor_that_the_file_lacks(tmp_path, monkeypatch):
    """Graph and index agree on 64 GiB; the data file has 64 bytes."""
    import shutil

    source = path("bad/bundle/entry_huge_shape")
    shutil.copytree(source, tmp_path / "m")
    with BundleReader(str(tmp_path / "m" / "model")) as reader:
        (name, shape), = [(name, reader.shape(name)) for name in reader.names() if reader.shape(name) == (1 << 34,)]
    taken = []
    monkeypatch.setattr("graphflow.runtime.store.Store.prepare", lambda *given: taken.append(given))
    tf.get_variable(name, shape, initializer=tf.zeros_initializer())
    saver = tf.train.Saver()
    with tf.Session() as session, pytest.raises(tf.errors.DataLossError, match="cut short or damaged"):
        saver.restore(session, str(tmp_path / "m" / "model"))
    assert taken == []


def test_a_checkpoint_whose_save_was_interrupted_is_deleted_when_its_time_has_come(tmp_path, monkeypatch):
    tf.Variable(1.0)
    saver, prefix = tf.train.Saver(max_to_keep=2), str(tmp_path / "m")

    def interrupted(*_):
        raise KeyboardInterrupt

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(saver, "_write_meta_graph", interrupted)
            saver.save(session, prefix, global_step=1)
        saver.save(session, prefix, global_step=2)
        assert [path[-1] for path in saver.last_checkpoints] == ["1", "2"]
        saver.save(session, prefix, global_step=3)
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"m-2", "m-3", "checkpoint"}
