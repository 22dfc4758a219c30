"""tf.gfile and tf.io.gfile on real files."""

import os

import pytest

import graphflow as tf


def test_a_file_is_written_and_read_as_text_and_bytes(tmp_path):
    path = str(tmp_path / "a.txt")
    with tf.gfile.GFile(path, "w") as f:
        f.write("grün\n")
        f.write("two\n")
        f.flush()
    assert tf.gfile.Open(path).read() == "grün\ntwo\n"
    with tf.gfile.FastGFile(path, "rb") as f:
        assert f.read(3) == b"gr\xc3" and f.tell() == 3
        f.seek(0)
        assert f.readline() == "grün\n".encode()
        assert f.readlines() == [b"two\n"]
        f.seek(position=0)
        assert f.read(2) == b"gr"
    assert list(tf.gfile.GFile(path)) == ["grün\n", "two\n"]
    with tf.gfile.GFile(path, "a") as f:
        f.write("end")
    with tf.io.gfile.GFile(path) as f:
        assert f.name == path and f.mode == "r" and f.size() == 13
        assert f.read() == "grün\ntwo\nend"


def test_an_unwritten_file_exists_after_close(tmp_path):
    tf.gfile.GFile(str(tmp_path / "empty"), "w").close()
    assert tf.gfile.Exists(str(tmp_path / "empty"))


def test_missing_files_and_wrong_modes_are_tf_errors(tmp_path):
    path = str(tmp_path / "a")
    with pytest.raises(tf.errors.NotFoundError, match="a; No such file"):
        tf.gfile.GFile(path).read()
    with pytest.raises(tf.errors.PermissionDeniedError, match="File isn't open for reading"):
        tf.gfile.GFile(path, "w").read()
    with pytest.raises(tf.errors.PermissionDeniedError, match="File isn't open for writing"):
        tf.gfile.GFile(path).write("x")
    with pytest.raises(tf.errors.InvalidArgumentError, match="mode is not"):
        tf.gfile.GFile(path, "x")
    for function in (tf.gfile.Remove, tf.gfile.DeleteRecursively, tf.gfile.Stat, tf.gfile.ListDirectory):
        with pytest.raises(tf.errors.NotFoundError):
            function(path)
    with pytest.raises(TypeError, match="offset argument required"):
        tf.gfile.GFile(path, "w+").seek()


def test_folders(tmp_path):
    top = tmp_path / "top"
    tf.gfile.MakeDirs(str(top / "b" / "c"))
    tf.gfile.MakeDirs(str(top / "b"))
    tf.gfile.MkDir(str(top / "a"))
    with pytest.raises(tf.errors.AlreadyExistsError):
        tf.gfile.MkDir(str(top / "a"))
    (top / "x.txt").write_text("12345")
    assert tf.gfile.ListDirectory(str(top)) == ["a", "b", "x.txt"]
    assert tf.gfile.IsDirectory(str(top)) and not tf.gfile.IsDirectory(str(top / "x.txt"))
    assert tf.gfile.Stat(str(top / "x.txt")).length == 5 and tf.gfile.Stat(str(top)).is_directory
    assert next(sorted(files) for _, _, files in tf.gfile.Walk(str(top))) == ["x.txt"]
    assert [folder for folder, _, _ in tf.gfile.Walk(str(top), in_order=False)][-1] == str(top)
    tf.gfile.DeleteRecursively(str(top))
    assert not tf.gfile.Exists(str(top))


def test_copy_rename_remove_and_glob(tmp_path):
    a, b, c = (str(tmp_path / name) for name in ("a.txt", "b.txt", "c.bin"))
    tf.gfile.GFile(a, "w").close()
    tf.gfile.Copy(a, b)
    with pytest.raises(tf.errors.AlreadyExistsError, match="overwrite=True"):
        tf.gfile.Copy(a, b)
    tf.gfile.Copy(a, b, overwrite=True)
    tf.gfile.Rename(b, c)
    with pytest.raises(tf.errors.AlreadyExistsError):
        tf.gfile.Rename(a, c)
    assert tf.gfile.Glob(str(tmp_path / "*.txt")) == [a]
    assert tf.gfile.Glob([str(tmp_path / "*.txt"), str(tmp_path / "*.bin")]) == [a, c]
    tf.gfile.Remove(c)
    assert not tf.gfile.Exists(c)


def test_the_lower_case_names_do_the_same(tmp_path):
    io = tf.io.gfile
    folder = str(tmp_path / "f" / "g")
    io.makedirs(folder)
    io.mkdir(folder + "/h")
    assert io.isdir(folder) and io.exists(folder) and io.listdir(folder) == ["h"]
    with io.GFile(folder + "/a", "w") as f:
        f.write("x")
    io.copy(folder + "/a", folder + "/b")
    io.rename(folder + "/b", folder + "/c")
    assert io.glob(folder + "/[ac]") == [folder + "/a", folder + "/c"] and io.stat(folder + "/a").length == 1
    assert next(io.walk(folder))[2] and len(list(io.walk(folder))) == 2
    io.remove(folder + "/a")
    io.rmtree(folder)
    assert not io.exists(folder)


def test_paths_are_joined():
    assert tf.io.gfile.join("a", "b", "c") == os.path.join("a", "b", "c") and tf.io.gfile.join("a", "/b") == "/b"
    assert tf.io.gfile.get_registered_schemes() == ["", "file"]


@pytest.mark.parametrize("mode", ["w+", "r+", "a+", "wb+", "r+b", "ab+"])
def test_what_a_new_file_was_given_is_read_from_its_start(tmp_path, mode):
    f = tf.gfile.GFile(str(tmp_path / "a"), mode)
    f.write("testing")
    f.flush()
    assert f.read() == (b"testing" if "b" in mode else "testing")
    assert f.tell() == 7


def test_the_modes_that_write_anew_and_those_that_append(tmp_path):
    for mode, left in (("r+", "XY"), ("w+", "XY"), ("w", "XY"), ("a", "old\nXY"), ("a+", "old\nXY")):
        path = tmp_path / mode
        path.write_text("old\n")
        f = tf.gfile.GFile(str(path), mode)
        if "+" in mode:
            assert f.read(2) == "ol"
        f.write("XY")
        f.close()
        assert path.read_text() == left


def test_a_character_is_not_cut_in_text(tmp_path):
    (tmp_path / "a").write_text("aé漢b", encoding="utf-8")
    f = tf.gfile.GFile(str(tmp_path / "a"))
    assert [f.read(2), f.read(1), f.read(1), f.read(1)] == ["aé", "漢", "b", ""]


def test_paths_may_begin_with_file(tmp_path):
    top = f"file://{tmp_path}"
    for uri in (top + "/a", f"file://localhost{tmp_path}/b"):
        with tf.gfile.GFile(uri, "w") as f:
            f.write("hi")
        assert tf.gfile.Exists(uri) and tf.gfile.Stat(uri).length == 2 and f.name == uri
    assert tf.gfile.Glob(top + "/*") == [top + "/a", top + "/b"] and tf.gfile.IsDirectory(top)
    assert [(folder, sorted(files)) for folder, _, files in tf.gfile.Walk(top)] == [(top, ["a", "b"])]
    tf.gfile.Copy(top + "/a", top + "/c")
    tf.gfile.Rename(top + "/c", top + "/d")
    tf.gfile.Remove(top + "/d")
    tf.gfile.MakeDirs(top + "/e/f")
    tf.gfile.MkDir(top + "/e/g")
    tf.gfile.DeleteRecursively(top + "/e")
    assert sorted(tf.gfile.ListDirectory(top)) == ["a", "b"]
    with pytest.raises(tf.errors.NotFoundError, match="file://"):
        tf.gfile.GFile(top + "/none").read()


def test_all_that_reads_or_writes_files_takes_paths_that_begin_with_file(tmp_path):
    top = f"file://{tmp_path}"
    with tf.Graph().as_default(), tf.Session() as s:
        v = tf.get_variable("v", initializer=1.0)
        saver = tf.train.Saver()
        s.run(v.initializer)
        assert saver.save(s, top + "/m", global_step=1) == top + "/m-1" == tf.train.latest_checkpoint(top)
        saver.restore(s, top + "/m-1")
        assert tf.train.checkpoint_exists(top + "/m-1") and tf.train.load_variable(top, "v") == 1.0
        s.run(saver.saver_def.save_tensor_name, {saver.saver_def.filename_tensor_name: top + "/n"})
        s.run(saver.saver_def.restore_op_name, {saver.saver_def.filename_tensor_name: top + "/n"})
        assert s.run(tf.matching_files(top + "/n.i*")).tolist() == [f"{top}/n.index".encode()]
        s.run(tf.write_file(top + "/w", "x"))
        assert s.run(tf.read_file(top + "/w")) == b"x"
        tf.saved_model.simple_save(s, top + "/sm", {"v": v}, {"v": tf.identity(v)})
    assert tf.train.write_graph(tf.get_default_graph(), top, "g.pbtxt") == top + "/g.pbtxt" and (tmp_path / "g.pbtxt").exists()
    with tf.Graph().as_default(), tf.Session() as s:
        tf.train.import_meta_graph(top + "/m-1.meta").restore(s, top + "/m-1")
        assert s.run("v:0") == 1.0
    with tf.Graph().as_default(), tf.Session() as s:
        assert tf.saved_model.loader.maybe_saved_model_directory(top + "/sm")
        tf.saved_model.loader.load(s, ["serve"], top + "/sm")
    with tf.python_io.TFRecordWriter(top + "/r") as writer:
        writer.write(b"x")
    assert list(tf.python_io.tf_record_iterator(top + "/r")) == [b"x"]
    tf.summary.FileWriter(top + "/log").close()
    (event,) = (tmp_path / "log").iterdir()
    assert next(e.file_version for e in tf.train.summary_iterator(f"file://{event}"))
    with tf.Graph().as_default(), tf.Session() as s:
        c = tf.train.Checkpoint(v=tf.Variable(2.0, use_resource=True))
        s.run(c.v.initializer)
        path = c.save(top + "/o/c")
        assert path == top + "/o/c-1"
        c.restore(path).run_restore_ops()
    tf.train.remove_checkpoint(top + "/m-1")
    assert not tf.train.checkpoint_exists(top + "/m-1") and not (tmp_path / "m-1.meta").exists()


def test_any_message_is_written_as_a_graph_is(tmp_path):
    tf.train.write_graph(tf.MetaGraphDef(), str(tmp_path), "x.pbtxt")
    tf.train.write_graph(tf.ConfigProto(), str(tmp_path), "y.pb", as_text=False)
    assert (tmp_path / "x.pbtxt").exists() and (tmp_path / "y.pb").exists()
    with pytest.raises(TypeError, match="GraphDef"):
        tf.train.write_graph("no message", str(tmp_path), "z.pb")


def test_a_save_below_a_file_names_the_folder_that_is_missing(tmp_path):
    (tmp_path / "f").write_text("")
    with tf.Graph().as_default(), tf.Session() as s, pytest.raises(ValueError, match="Parent directory of .*x doesn't exist, can't save"):
        v = tf.Variable(1.0)
        s.run(v.initializer)
        tf.train.Saver().save(s, str(tmp_path / "f" / "x"))
