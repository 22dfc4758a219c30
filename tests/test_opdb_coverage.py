"""Every op type that has a class has a row."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from graphflow._public import api as _api
from graphflow.core.op import REGISTRY
from tests import opdb

# Op types whose effects the database cannot hold, by the suite that has them instead.
SUITES = {
    "tests/ops/test_checkpoint_nodes.py": "Save SaveSlices Restore RestoreSlice MergeV2Checkpoints ShardedFilename ShardedFilespec PrintV2 "
                                          "ValueOrInitial ResourceValueOrInitial",
    "tests/train/test_saver.py": "SaveV2 RestoreV2",
    "tests/summary/test_summary_ops.py": "AudioSummary AudioSummaryV2 HistogramSummary ImageSummary MergeSummary ScalarSummary "
                                         "TensorSummaryV2",
    "tests/ops/test_parsing.py": "ParseExample ParseExampleV2 ParseSingleExample",
    "tests/ops/test_sequence_parsing.py": "ParseSequenceExample ParseSequenceExampleV2 ParseSingleSequenceExample",
    "tests/ops/test_csv.py": "DecodeCSV",
    "tests/ops/test_old_op_types.py": "BatchMatrixDeterminant BatchMatrixInverse BatchCholesky BatchMatrixDiag BatchMatrixDiagPart "
                                      "BatchMatrixBandPart BatchMatrixSetDiag BatchMatrixSolve BatchMatrixTriangularSolve "
                                      "BatchMatrixSolveLs BatchSelfAdjointEigV2 BatchSvd BatchNormWithGlobalNormalization AdjustContrast "
                                      "SelfAdjointEig BatchSelfAdjointEig RandomCrop",
    "tests/ops/control_flow/test_cond.py": "If StatelessIf Case StatelessCase PartitionedCall StatefulPartitionedCall",
    "tests/ops/control_flow/test_while_loop.py": "While StatelessWhile OptionalFromValue OptionalNone OptionalGetValue OptionalHasValue",
    "tests/ops/data_flow/test_tensor_lists.py":
        "EmptyTensorList TensorListReserve TensorListPushBack TensorListPopBack TensorListLength TensorListElementShape TensorListGetItem "
        "TensorListSetItem TensorListResize TensorListStack TensorListFromTensor TensorListGather TensorListScatter TensorListScatterV2 "
        "TensorListScatterIntoExistingList TensorListConcat TensorListConcatV2 TensorListSplit TensorListConcatLists",
    "tests/ops/test_files.py": "ReadFile WriteFile MatchingFiles DecodeCompressed DecodeJSONExample",
}
ELSEWHERE = {op: suite for suite, ops in SUITES.items() for op in ops.split()}


def _registered() -> set[str]:
    for module in sorted(set(_api.OPS.values())):
        importlib.import_module(module)
    return {name for name, cls in REGISTRY.items() if cls.__module__.startswith("graphflow.")}


def test_every_op_has_a_row():
    covered = {op for row in opdb.load() for op in row.ops}
    missing = sorted(_registered() - covered - set(ELSEWHERE))
    assert not missing, f"{len(missing)} ops have no row in tests/opdb: {', '.join(missing)}"


@pytest.mark.parametrize("suite", SUITES)
def test_the_other_suites_are_there(suite):
    assert (Path(__file__).parents[1] / suite).is_file()


def test_rows_name_ops_that_exist():
    unknown = sorted({op for row in opdb.load() for op in row.ops} - _registered())
    assert not unknown, f"rows of tests/opdb name ops without a class: {unknown}"
