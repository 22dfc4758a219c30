"""The capitalised names of tf.gfile, with their own argument names; see gfile.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphflow.core.export import export

from . import gfile
from .gfile import Path


@export("gfile.Exists")
def Exists(filename: Path) -> bool:
    """tf.io.gfile.exists."""
    return gfile.exists(filename)


@export("gfile.IsDirectory")
def IsDirectory(dirname: Path) -> bool:
    """tf.io.gfile.isdir."""
    return gfile.isdir(dirname)


@export("gfile.ListDirectory")
def ListDirectory(dirname: Path) -> list[Any]:
    """tf.io.gfile.listdir."""
    return gfile.listdir(dirname)


@export("gfile.MakeDirs")
def MakeDirs(dirname: Path) -> None:
    """tf.io.gfile.makedirs."""
    gfile.makedirs(dirname)


@export("gfile.MkDir")
def MkDir(dirname: Path) -> None:
    """tf.io.gfile.mkdir."""
    gfile.mkdir(dirname)


@export("gfile.Remove")
def Remove(filename: Path) -> None:
    """tf.io.gfile.remove."""
    gfile.remove(filename)


@export("gfile.DeleteRecursively")
def DeleteRecursively(dirname: Path) -> None:
    """tf.io.gfile.rmtree."""
    gfile.rmtree(dirname)


@export("gfile.Stat")
def Stat(filename: Path) -> gfile.FileStatistics:
    """tf.io.gfile.stat."""
    return gfile.stat(filename)


@export("gfile.Glob")
def Glob(filename: Any) -> list[Any]:
    """tf.io.gfile.glob."""
    return gfile.find(filename)


@export("gfile.Copy")
def Copy(oldpath: Path, newpath: Path, overwrite: bool = False) -> None:
    """tf.io.gfile.copy."""
    gfile.copy(oldpath, newpath, overwrite)


@export("gfile.Rename")
def Rename(oldname: Path, newname: Path, overwrite: bool = False) -> None:
    """tf.io.gfile.rename."""
    gfile.rename(oldname, newname, overwrite)


@export("gfile.Walk")
def Walk(top: Path, in_order: bool = True) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """tf.io.gfile.walk."""
    return gfile.walk(top, in_order)
