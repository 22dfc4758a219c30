"""A model to export: a session that has its values, its inputs and outputs by name."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.dtypes import as_dtype as to_dtype
from ..core.graph import Graph
from ..core.op import load
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..formats import checkpoints, proto
from ..formats.checkpoint_fit import near_names
from ..formats.errors import InvalidFileError
from ..formats.graph_file import load_graph
from ..formats.tensor_proto import proto_from_array
from ..graphdef.import_graph import import_graph_def
from ..keras.models.files import load_model
from ..ops.array.basic import Placeholder
from ..ops.array.passing import PlaceholderWithDefault
from ..ops.state.variables import VariableOp
from ..plan.build import prune
from ..runtime.session import Session
from ..train.meta_graph import import_meta_graph
from ..train.saved_model.loader import load_meta_graph

HDF5 = (".h5", ".hdf5", ".keras")


class Model(NamedTuple):
    """inputs, outputs: tensors by the names that the exported model has for them. train: operations of a training step, maybe none."""
    session: Any
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    train: list[Operation]


def read_model(path: str, inputs: Sequence[str] = (), outputs: Sequence[str] = (), *, train: Sequence[str] = (),
               checkpoint: str | None = None, signature: str | None = None, constants: Mapping[str, Any] | None = None) -> Model:
    """The model of a file.

    path: a SavedModel's folder, a GraphDef without variables, a graph or meta graph or a checkpoint's prefix (with `checkpoint`, where
    its name does not tell), or a Keras model's HDF5 file. inputs, outputs: names of tensors, or NAME=TENSOR; needed where no signature
    tells them (inputs: else the placeholders that the outputs need). constants: values that placeholders have for good.
    InvalidFileError for what the file lacks; ValueError where outputs must be named.
    """
    if path.endswith(HDF5):
        with Graph().as_default() as graph, Session(graph=graph).as_default() as session:
            model = load_model(path, compile=bool(train))
            named = {name.split(":")[0]: tensor for name, tensor in zip(model.input_names, model.inputs)}
            given = {_plain(tensor): tensor for tensor in model.outputs}
        return _model(session, named, given, inputs, outputs, train)
    file, message = load_graph(path)
    session = Session(graph=Graph())
    signatures: Mapping[str, Any] = {}
    with session.graph.as_default():
        if isinstance(message, proto.SavedModel):
            meta = _serving(message, path)
            _set(meta.graph_def, constants or {}, path)
            load_meta_graph(session, meta, str(file.parent))
            signatures = meta.signature_def
        else:
            is_meta = isinstance(message, proto.MetaGraphDef)
            _set(message.graph_def if is_meta else message, constants or {}, path)
            saver = import_meta_graph(message, clear_devices=True) if is_meta else None
            if not is_meta:
                import_graph_def(message, name="")
            _restore(session, saver, checkpoint or (str(file)[:-5] if str(file).endswith(".meta") else None), path)
            signatures = message.signature_def if is_meta else {}
    chosen = _signature(signatures, signature, path)
    graph = session.graph
    named = {key: graph.get_tensor_by_name(info.name) for key, info in sorted(chosen.inputs.items())} if chosen is not None else {}
    given = {key: graph.get_tensor_by_name(info.name) for key, info in sorted(chosen.outputs.items())} if chosen is not None else {}
    return _model(session, named, given, inputs, outputs, train)


def session_model(session: Any, inputs: Any, outputs: Any, train: Any = ()) -> Model:
    """The model of a session: tensors, or {name: tensor}, that are fed and fetched. train: an operation or several."""
    ops = [train] if isinstance(train, Operation) else list(train)
    return Model(session, _named(session.graph, inputs), _named(session.graph, outputs), ops)


def _named(graph: Any, tensors: Any) -> dict[str, Tensor]:
    if not isinstance(tensors, Mapping):
        found = [graph.as_graph_element(t, allow_operation=False) for t in (tensors if isinstance(tensors, (list, tuple)) else [tensors])]
        return {_plain(t): t for t in found}
    return {name: graph.as_graph_element(t, allow_operation=False) for name, t in tensors.items()}


def _plain(tensor: Tensor) -> str:
    return tensor.name.removesuffix(":0")


def _model(session: Any, named: dict[str, Tensor], given: dict[str, Tensor], inputs: Sequence[str], outputs: Sequence[str],
           train: Sequence[str]) -> Model:
    graph = session.graph
    if outputs:
        given = dict(_tensor(graph, text) for text in outputs)
    ops = [_operation(graph, name) for name in train]
    if not given and not ops:
        raise ValueError("name the outputs (--outputs NAMES): no signature tells them. Tensors that nothing takes: "
                         + ", ".join(_ends(graph)[:8]))
    if inputs:
        named = dict(_tensor(graph, text) for text in inputs)
    elif not named or ops:
        fed = set(named.values())
        needed = prune([*(t.op for t in given.values()), *ops], fed)
        named.update((op.name, op.outputs[0]) for op in needed if op._op_def.must_be_fed and op.outputs[0] not in fed)
    return Model(session, named, given, ops)


def _tensor(graph: Any, text: str) -> tuple[str, Tensor]:
    """NAME=TENSOR, or TENSOR."""
    name, _, target = text.rpartition("=")
    key = target if ":" in target else f"{target}:0"
    try:
        tensor = graph.get_tensor_by_name(key)
    except KeyError:
        names = [op.name for op in graph.get_operations()]
        raise InvalidFileError(f"the graph has no tensor {target}{near_names(target.split(':')[0], names)}") from None
    return name or key.removesuffix(":0"), tensor


def _operation(graph: Any, name: str) -> Operation:
    try:
        op: Operation = graph.get_operation_by_name(name)
        return op
    except KeyError:
        names = [op.name for op in graph.get_operations()]
        raise InvalidFileError(f"the graph has no operation {name}{near_names(name, names)}") from None


def _ends(graph: Any) -> list[str]:
    taken = {t for op in graph.get_operations() for t in op.inputs}
    return [op.name for op in graph.get_operations() if op.outputs and op.inputs and not any(t in taken for t in op.outputs)]


def _serving(message: Any, path: str) -> Any:
    serving = [meta for meta in message.meta_graphs if "serve" in meta.meta_info_def.tags] or list(message.meta_graphs)
    if not serving:
        raise InvalidFileError(f"{path}: the SavedModel holds no graph")
    return serving[0]


def _signature(signatures: Mapping[str, Any], name: str | None, path: str) -> Any:
    if name is not None and name not in signatures:
        raise InvalidFileError(f"{path}: there is no signature {name}; there are: {', '.join(sorted(signatures)) or 'none'}")
    useful = {key: s for key, s in signatures.items() if s.outputs and not key.startswith("__saved_model")}
    return signatures[name] if name else useful.get("serving_default") or (next(iter(useful.values())) if len(useful) == 1 else None)


def _set(graph_def: Any, constants: Mapping[str, Any], path: str) -> None:
    """Makes constants of placeholders."""
    nodes = {node.name: node for node in graph_def.node}
    for name, value in constants.items():
        node = nodes.get(name)
        if node is None or not _is_placeholder(node.op):
            raise InvalidFileError(f"{path}: the graph has no placeholder {name}{near_names(name, list(nodes))}")
        dtype = node.attr["dtype"].type
        tensor = proto_from_array(np.asarray(value, to_dtype(dtype).np))
        node.op = "Const"
        del node.input[:]
        node.attr.clear()
        node.attr["dtype"].type = dtype
        node.attr["value"].tensor.CopyFrom(tensor)


def _is_placeholder(kind: str) -> bool:
    try:
        return issubclass(load(kind), (Placeholder, PlaceholderWithDefault))
    except KeyError:            # an operation that graphflow lacks
        return False


def _restore(session: Any, saver: Any, checkpoint: str | None, path: str) -> None:
    if saver is None and not any(isinstance(op._op_def, VariableOp) for op in session.graph.get_operations()):
        return
    if checkpoint is None or not checkpoints.exists(checkpoint):
        raise ValueError(f"{path}: a checkpoint has the values of its variables: --checkpoint PREFIX")
    if saver is not None:
        saver.restore(session, checkpoint)
    else:
        restore_by_name(session, session.graph, checkpoint)


def restore_by_name(session: Any, graph: Any, checkpoint: str) -> None:
    """Give the variables of a graph without saver the values under their names."""
    with checkpoints.open_checkpoint(checkpoint) as reader:
        for op in graph.get_operations():
            key = op._op_def.resource_key(op)
            if isinstance(op._op_def, VariableOp) and op.name in reader:
                session._store.rebind(key, reader.read(op.name))
