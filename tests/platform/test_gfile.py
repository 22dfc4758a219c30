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
    assert tf.io.gfile.get_registered_schemes() == [""]
