"""Writing SavedModels."""

from __future__ import annotations

import logging
import os
import shutil
from typing import Any

from graphflow.core import context
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.core.known import constant_value
from graphflow.core.tensor import Tensor
from graphflow.formats import proto
from graphflow.formats.element_types import is_known
from graphflow.formats.local_path import local_path
from graphflow.graphdef.graph_io import write_message
from graphflow.train.saved_model import constants
from graphflow.train.saved_model.signatures import predict_signature_def
from graphflow.train.saver import Saver

_log = logging.getLogger("tensorflow")


@export("saved_model.Builder", "saved_model.builder.SavedModelBuilder")
class SavedModelBuilder:
    """Collects meta graphs and writes them to `export_dir`, which must not exist, or be empty.

    The first meta graph comes with the variables, which all share; the file that names them is written last, by `save`.
    """

    def __init__(self, export_dir: Any) -> None:
        self._saved_model = proto.SavedModel(saved_model_schema_version=constants.SAVED_MODEL_SCHEMA_VERSION)
        self._export_dir = local_path(os.fsdecode(export_dir))
        if os.path.isdir(self._export_dir) and os.listdir(self._export_dir):
            raise AssertionError(f"Export directory {self._export_dir} already exists, and isn't empty. Please choose a different export "
                                 "directory, or delete all the contents of the specified directory.")  # fmt: skip
        os.makedirs(self._export_dir, exist_ok=True)
        self._has_saved_variables = False

    def add_meta_graph_and_variables(
        self,
        sess: Any,
        tags: Any,
        signature_def_map: Any = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Any = None,
    ) -> None:
        """Adds the graph of a session and writes its variables and assets. Only once; `add_meta_graph` adds further graphs.

        tags: what the meta graph is for, e.g. [tf.saved_model.tag_constants.SERVING]. signature_def_map: {name: SignatureDef}.
        assets_collection: constants with the paths of files to copy. main_op: an operation to run after loading.
        """
        if self._has_saved_variables:
            raise AssertionError("Graph state including variables and assets has already been saved. "
                                 "Please invoke `add_meta_graph()` instead.")  # fmt: skip
        _check_signatures(signature_def_map)
        with sess.graph.as_default():
            made = self._meta_graph(
                tags, signature_def_map, assets_collection, legacy_init_op, clear_devices, main_op, strip_default_attrs, saver
            )
            folder = os.path.join(self._export_dir, constants.VARIABLES_DIRECTORY)
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, constants.VARIABLES_FILENAME)
            made.save(sess, path, write_meta_graph=False, write_state=False)
        self._has_saved_variables = True

    def add_meta_graph(
        self,
        tags: Any,
        signature_def_map: Any = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Any = None,
    ) -> None:
        """Adds the default graph, which uses the variables written already."""
        if not self._has_saved_variables:
            raise AssertionError("Graph state including variables and assets has not been saved yet. "
                                 "Please invoke `add_meta_graph_and_variables()` first.")  # fmt: skip
        _check_signatures(signature_def_map)
        self._meta_graph(tags, signature_def_map, assets_collection, legacy_init_op, clear_devices, main_op, strip_default_attrs, saver)

    def _meta_graph(
        self, tags: Any, signatures: Any, assets: Any, legacy_init_op: Any, clear_devices: bool, main_op: Any, strip: bool, saver: Any
    ) -> Saver:
        self._save_assets(assets)
        graph = context.default_graph()
        if main_op is not None and legacy_init_op is not None:
            raise ValueError("main_op and legacy_init_op cannot both be given")
        for op, key in ((main_op, constants.MAIN_OP_KEY), (legacy_init_op, constants.LEGACY_INIT_OP_KEY)):
            if op is not None:
                graph.get_collection_ref(key)[:] = [graph.as_graph_element(op, allow_tensor=False)]
        made: Saver = saver or Saver(_saveables(graph), sharded=True, allow_empty=True)
        meta = made.export_meta_graph(clear_devices=clear_devices, strip_default_attrs=strip)
        meta.meta_info_def.tags.extend(tags)
        for key, signature in (signatures or {}).items():
            meta.signature_def[key].CopyFrom(signature)
        self._saved_model.meta_graphs.add().CopyFrom(meta)
        return made

    def _save_assets(self, collection: Any) -> None:
        """Copies the files that constants name, and records which constant each is for."""
        if collection is None:
            return
        taken: dict[str, str] = {}
        graph = context.default_graph()
        graph.clear_collection(constants.ASSETS_KEY)
        for tensor in collection:
            path = _asset_path(tensor)
            name = _free_name(path, taken)
            taken[name] = path
            packed = proto.Any()
            packed.Pack(proto.AssetFileDef(filename=name, tensor_info={"name": tensor.name}))
            graph.add_to_collection(constants.ASSETS_KEY, packed)
        folder = os.path.join(self._export_dir, constants.ASSETS_DIRECTORY)
        if taken:
            os.makedirs(folder, exist_ok=True)
        for name, path in taken.items():
            if not os.path.exists(os.path.join(folder, name)):
                shutil.copyfile(path, os.path.join(folder, name))

    def save(self, as_text: bool = False) -> bytes:
        """Writes `saved_model.pb` (or `.pbtxt`), whole or not at all. Returns its path, in bytes."""
        name = constants.SAVED_MODEL_FILENAME_PBTXT if as_text else constants.SAVED_MODEL_FILENAME_PB
        path = os.path.join(self._export_dir, name)
        write_message(self._saved_model, path, as_text)
        _log.info("SavedModel written to: %s", path)
        return os.fsencode(path)


def _saveables(graph: Any) -> Any:
    """What a Saver saves by default."""
    return graph.get_collection(GraphKeys.GLOBAL_VARIABLES) + graph.get_collection(GraphKeys.SAVEABLE_OBJECTS)


def _asset_path(tensor: Any) -> str:
    value = constant_value(tensor) if isinstance(tensor, Tensor) else None
    if value is None or not isinstance(value.item(), bytes):
        raise TypeError(f"Asset filepath tensor must be a constant string, not {tensor!r}.")
    path: str = local_path(value.item().decode("utf-8"))
    if not path:
        raise ValueError(f"Asset filepath {tensor.name} is an empty string.")
    if not os.path.isfile(path):
        raise FileNotFoundError(f"Asset file {path} (of the constant {tensor.name}) does not exist.")
    return path


def _free_name(path: str, taken: dict[str, str]) -> str:
    """The file's name; numbered where another file has it already."""
    name = os.path.basename(path)
    count = 0
    while taken.get(name, path) != path:
        count += 1
        name = f"{os.path.basename(path)}_{count}"
    return name


def _check_signatures(signatures: Any) -> None:
    for key, signature in (signatures or {}).items():
        for infos in (signature.inputs, signature.outputs):
            for name, info in infos.items():
                where = f"'{name}' of '{key}' has none."
                if info.WhichOneof("encoding") is None:
                    raise AssertionError("All TensorInfo protos used in the SignatureDefs must have one of the 'encoding' fields "
                                         f"(e.g., name or coo_sparse) set: {where}")  # fmt: skip
                if info.dtype == 0 or not is_known(info.dtype):
                    raise AssertionError(f"All TensorInfo protos used in the SignatureDefs must have the dtype field set: {where}")


@export("saved_model.simple_save")
def simple_save(session: Any, export_dir: Any, inputs: Any, outputs: Any, legacy_init_op: Any = None) -> None:
    """Writes the session's graph and variables for serving: one signature, `serving_default`, of {name: tensor} dicts."""
    signatures = {constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: predict_signature_def(inputs, outputs)}
    builder = SavedModelBuilder(export_dir)
    builder.add_meta_graph_and_variables(
        session,
        [constants.SERVING],
        signatures,
        assets_collection=session.graph.get_collection(GraphKeys.ASSET_FILEPATHS),
        main_op=legacy_init_op,
        clear_devices=True,
    )
    builder.save()


