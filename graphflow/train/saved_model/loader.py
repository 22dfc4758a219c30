"""Loading SavedModels."""

from __future__ import annotations

import logging
import os
from typing import Any

from graphflow.core.export import export
from graphflow.formats import proto
from graphflow.formats.local_path import local_path
from graphflow.graphdef.graph_io import read_message
from graphflow.train.meta_graph import import_meta_graph
from graphflow.train.saved_model import constants

_log = logging.getLogger("tensorflow")


@export("saved_model.contains_saved_model", "saved_model.maybe_saved_model_directory", "saved_model.loader.maybe_saved_model_directory")
def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder holds the file of a SavedModel."""
    return _file(local_path(os.fsdecode(export_dir))) is not None


def _file(export_dir: str) -> str | None:
    names = (constants.SAVED_MODEL_FILENAME_PB, constants.SAVED_MODEL_FILENAME_PBTXT)
    return next((path for name in names if os.path.isfile(path := os.path.join(export_dir, name))), None)


def read_saved_model(export_dir: Any) -> Any:
    """The SavedModel message of a folder. OSError where there is none, tf.errors.DataLossError for damage."""
    export_dir = local_path(os.fsdecode(export_dir))
    path = _file(export_dir)
    if path is not None:
        return read_message(path, proto.SavedModel)
    raise OSError(f"SavedModel file does not exist at: {export_dir}{os.sep}{{{constants.SAVED_MODEL_FILENAME_PBTXT}|"
                  f"{constants.SAVED_MODEL_FILENAME_PB}}}")  # fmt: skip


def meta_graph_of(export_dir: Any, tags: Any) -> Any:
    """The meta graph with exactly these tags, in any order, of a folder's SavedModel. RuntimeError lists those that are there."""
    saved_model = read_saved_model(export_dir)
    wanted = {tags} if isinstance(tags, str) else set(tags)
    available = [set(meta.meta_info_def.tags) for meta in saved_model.meta_graphs]
    for found, meta in zip(available, saved_model.meta_graphs, strict=True):
        if found == wanted:
            return meta
    raise RuntimeError(f"MetaGraphDef associated with tags {str(sorted(wanted)).strip('[]')} could not be found in SavedModel, "
                       f"with available tags '{[sorted(found) for found in available]}'. Its file is {_file(os.fsdecode(export_dir))}, of "
                       f"{len(available)} meta graphs.")  # fmt: skip


@export("saved_model.load", "saved_model.loader.load")
def load(sess: Any, tags: Any, export_dir: Any, import_scope: str | None = None, **saver_kwargs: Any) -> Any:
    """Adds the meta graph with these tags to the session's graph, restores its variables, runs its main op. Returns the MetaGraphDef.

    The signatures are in `.signature_def`. import_scope: the name scope to load into. OSError where the folder holds no
    SavedModel, RuntimeError for tags that it does not have.
    """
    export_dir = local_path(os.fsdecode(export_dir))
    meta = meta_graph_of(export_dir, tags)
    load_meta_graph(sess, meta, export_dir, import_scope, **saver_kwargs)
    return meta


def load_meta_graph(sess: Any, meta: Any, export_dir: str, import_scope: str | None = None, **saver_kwargs: Any) -> None:
    """Does what `load` does with one meta graph of the folder."""
    graph = sess.graph
    with graph.as_default():
        scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
        saver = import_meta_graph(meta, import_scope=import_scope, **saver_kwargs)
        if saver is None:
            _log.info("The specified SavedModel has no variables; no checkpoints were restored.")
        else:
            saver._origin = str(_file(export_dir))
            saver.restore(sess, os.path.join(export_dir, constants.VARIABLES_DIRECTORY, constants.VARIABLES_FILENAME))
        op = _main_op(graph, meta, scope)
        if op is not None:
            sess.run(op, _asset_feeds(export_dir, meta, scope))


def _scoped(name: str, scope: str) -> str:
    return f"{scope}/{name}" if scope else name


def _main_op(graph: Any, meta: Any, scope: str) -> Any:
    for key in (constants.MAIN_OP_KEY, constants.LEGACY_INIT_OP_KEY):
        if key in meta.collection_def:
            names = meta.collection_def[key].node_list.value
            if len(names) != 1:
                raise RuntimeError(f"Expected exactly one SavedModel init op in the collection {key}, found {len(names)}: {list(names)}.")
            return graph.as_graph_element(_scoped(names[0], scope))
    return None


def asset_files(meta: Any) -> list[Any]:
    """The AssetFileDefs of a meta graph."""
    if meta.asset_file_def:
        return list(meta.asset_file_def)
    values = meta.collection_def[constants.ASSETS_KEY].any_list.value if constants.ASSETS_KEY in meta.collection_def else ()
    return [proto.parse(packed.value, proto.AssetFileDef, "asset") for packed in values]


def _asset_feeds(export_dir: str, meta: Any, scope: str) -> dict[str, str]:
    """{name of the constant: path of its file here}."""
    folder = os.path.join(export_dir, constants.ASSETS_DIRECTORY)
    return {_scoped(a.tensor_info.name, scope): os.path.join(folder, a.filename) for a in asset_files(meta)}
