"""Op types by name: what is known of an op stands on its class, and each name can be found by a literal search."""
import ast
import re

from graphflow._public.api import OPS
from graphflow.core.op import Op
from graphflow.graphdef import op_table
from tools.structure import PACKAGE, ROOT

NAMES = {name for name in {*op_table._table(), *OPS} if len(name) > 1}

# Where code outside of graphflow/ops may tell ops apart by their names, the names, and why.
ALLOWED = {
    "autodiff/loops.py": ({"Add", "AddV2", "Identity"}, "how a loop counts its turns, in graphs of any producer"),
    "commands/inspect_graph.py": ({"Assign", "Const", "NoOp", "Placeholder", "VarHandleOp", "Variable", "VariableV2"},
                                  "tells of a file as it is, without loading the ops"),
    "contrib/layers/summaries.py": ({"Relu", "Relu6", "Softplus"}, "activations that TensorFlow's summaries know by name"),
    "core/op.py": ({"Any"}, "typing.Any in annotations"),
    "graphdef/attributes.py": ({"Shape"}, "the type of an attribute"),
    "compat/v2/resolving.py": ({"None", "Variable"}, "Python's None and the class, which op types are called like"),
    "graphdef/foreign.py": ({"AnonymousHashTable", "AnonymousMutableDenseHashTable", "AnonymousMutableHashTable",
                             "AnonymousMutableHashTableOfTensors", "For", "Merge", "NextIteration", "RefMerge", "RefNextIteration",
                             "RemoteCall"}, "what an import asks before it makes operations; what to do in place of those without a class"),
    "graphdef/graph_util.py": ({"Cast", "CheckNumerics", "Const", "DynamicStitch", "Identity", "ParallelDynamicStitch", "ReadVariableOp",
                                "VarHandleOp", "Variable", "VariableV2"}, "rules that TensorFlow's functions state by name"),
    "graphdef/import_graph.py": ({"Placeholder"}, "old producers wrote its shape another way"),
    "keras/layers/convolutions.py": ({"Conv2D", "Conv3D"}, "names of Keras's layers, which op types have too"),
    "train/device_setter.py": ({"MutableDenseHashTable", "MutableDenseHashTableV2", "MutableHashTable", "MutableHashTableOfTensors",
                                "MutableHashTableOfTensorsV2", "MutableHashTableV2", "VarHandleOp", "Variable", "VariableV2",
                                "BoostedTreesEnsembleResourceHandleOp", "BoostedTreesQuantileStreamResourceHandleOp",
                                "ResourceConditionalAccumulator"}, "op types that TF1 puts on parameter servers, by name"),
    "train/meta_graph_export.py": ({"Any", "RestoreV2", "SaveSlices", "SaveV2"}, "TensorFlow's rule on a GraphDef; protobuf's Any"),
}
# The viewer imports formats only: it knows op types by what a file says.
OUTSIDE = ("ops/", "viewer/", "_public/")


def _told_apart(tree):
    """The op names that a module compares with, or collects in order to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("startswith", "endswith"):
            parts = node.args
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, (ast.Set, ast.List, ast.Tuple)):
            parts = node.elts
        elif isinstance(node, ast.Dict):
            parts = node.keys
        else:
            continue
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in NAMES:
                yield part.value


def test_op_names_are_told_apart_on_their_classes_only():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        names = set() if place.startswith(OUTSIDE) else set(_told_apart(ast.parse(path.read_text(encoding="utf-8"))))
        if names:
            found[place] = names
    assert found == {place: names for place, (names, _) in ALLOWED.items()}, \
        "give the op's class an attribute or a hook (CONTRIBUTING.md), or shorten the list of those that are allowed"


def test_every_op_type_can_be_found_by_its_name():
    """Made by a class statement or in a table: its name stands there in one piece."""
    folders = [PACKAGE / name for name in ("ops", "core", "autodiff")]
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.py"))]
    classes = {name for text in texts for name in re.findall(r"^class (\w+)\(", text, flags=re.MULTILINE)}
    quoted = {name for text in texts for name in re.findall(r'"(\w+)"', text)}
    assert [name for name in OPS if name not in classes | quoted] == []


MACHINERY = {"allowed", "annotations", "attributes", "defaults", "fields", "of", "results", "sig", "signature", "words"}  # by Op


def test_every_hook_of_op_is_described():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### What an op class can say")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `(\w+)", text, flags=re.MULTILINE)
    assert sorted(described) == sorted(name for name in vars(Op) if not name.startswith("_") and name not in MACHINERY)
