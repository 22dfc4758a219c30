"""tensorflow.python.tools.freeze_graph: a graph file and a checkpoint as one GraphDef without variables."""
from __future__ import annotations

from typing import Any

import graphflow as tf
from graphflow.commands.freeze import restore_by_name
from graphflow.formats import proto
from graphflow.formats.graph_file import load_graph
from graphflow.graphdef.graph_io import read_message, write_message


def freeze_graph_with_def_protos(input_graph_def: Any, input_saver_def: Any, input_checkpoint: str, output_node_names: str,
                                 restore_op_name: str, filename_tensor_name: str, output_graph: str, clear_devices: bool,
                                 initializer_nodes: str, variable_names_whitelist: str = "", variable_names_blacklist: str = "",
                                 input_meta_graph_def: Any = None, input_saved_model_dir: str | None = None,
                                 saved_model_tags: Any = None, checkpoint_version: Any = None) -> Any:
    """The GraphDef of the named nodes (apart by commas) with variables as constants; written to `output_graph` if that is given."""
    if not output_node_names:
        raise ValueError("You need to supply the name of a node to --output_node_names.")
    graph_def = input_meta_graph_def.graph_def if input_meta_graph_def is not None else input_graph_def
    with tf.Graph().as_default(), tf.Session() as session:
        if input_saved_model_dir:
            graph_def = tf.saved_model.loader.load(session, list(saved_model_tags or ["serve"]), input_saved_model_dir).graph_def
        elif input_meta_graph_def is not None:
            tf.train.import_meta_graph(input_meta_graph_def, clear_devices=True).restore(session, input_checkpoint)
        else:
            copy = proto.GraphDef.FromString(graph_def.SerializeToString())
            for node in copy.node if clear_devices else ():
                node.device = ""
            tf.import_graph_def(copy, name="")
            graph_def = copy
            if input_saver_def is not None:
                tf.train.Saver(saver_def=input_saver_def).restore(session, input_checkpoint)
            else:
                restore_by_name(session, session.graph, input_checkpoint)
        for name in filter(None, initializer_nodes.replace(" ", "").split(",")):
            session.run(name)
        kept = [name for name in variable_names_whitelist.replace(" ", "").split(",") if name] or None
        left = [name for name in variable_names_blacklist.replace(" ", "").split(",") if name] or None
        frozen = tf.graph_util.convert_variables_to_constants(session, graph_def, output_node_names.replace(" ", "").split(","), kept, left)
    if output_graph:
        write_message(frozen, output_graph, as_text=False)
    return frozen


def freeze_graph(input_graph: str, input_saver: str, input_binary: bool, input_checkpoint: str, output_node_names: str,
                 restore_op_name: str, filename_tensor_name: str, output_graph: str, clear_devices: bool, initializer_nodes: str,
                 variable_names_whitelist: str = "", variable_names_blacklist: str = "", input_meta_graph: str | None = None,
                 input_saved_model_dir: str | None = None, saved_model_tags: str = "serve", checkpoint_version: Any = None) -> Any:
    """freeze_graph_with_def_protos of what the files hold. input_graph: a GraphDef, text or binary; input_saver: a SaverDef.

    restore_op_name and filename_tensor_name are those of the saver, which has them itself.
    """
    graph_def = load_graph(input_graph)[1] if input_graph else None
    meta = load_graph(input_meta_graph)[1] if input_meta_graph else None
    saver_def = read_message(input_saver, proto.SaverDef) if input_saver else None
    return freeze_graph_with_def_protos(graph_def, saver_def, input_checkpoint, output_node_names, restore_op_name, filename_tensor_name,
                                        output_graph, clear_devices, initializer_nodes, variable_names_whitelist,
                                        variable_names_blacklist, meta, input_saved_model_dir, saved_model_tags.split(","),
                                        checkpoint_version)
