"""Every op type that has a class has a row."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from graphflow._public import api as _api
from graphflow.core.op import REGISTRY
from tests import opdb

# Op types whose effects the database cannot hold, by the suite that has them instead; `op=word` where the suite does not spell the type
# but calls the function that makes it.
SUITES = {
    "tests/ops/test_checkpoint_nodes.py": "Save SaveSlices Restore RestoreSlice MergeV2Checkpoints ShardedFilename ShardedFilespec PrintV2",
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
    "tests/rnn/seq2seq/test_gather_tree.py": "GatherTree=gather_tree",
    "tests/ops/test_image_codecs.py":
        "DecodeJpeg=decode_jpeg DecodeAndCropJpeg=decode_and_crop_jpeg DecodePng=decode_png DecodeGif=decode_gif DecodeBmp=decode_bmp "
        "DecodeImage=decode_image ExtractJpegShape=extract_jpeg_shape EncodeJpeg=encode_jpeg EncodePng=encode_png "
        "EncodeJpegVariableQuality=adjust_jpeg_quality",
    "tests/ops/control_flow/test_cond.py": "PartitionedCall StatefulPartitionedCall",
    "tests/ops/control_flow/test_symbolic_gradients.py": "SymbolicGradient",
    # gradients of cond make the optionals; the nodes of these programs are compared with TensorFlow's
    "tests/ops/control_flow/programs.py":
        "If=cond StatelessIf=cond Case=switch_case StatelessCase=switch_case While=while_loop StatelessWhile=while_loop "
        "OptionalFromValue=cond OptionalNone=cond OptionalGetValue=cond OptionalHasValue=cond",
    "tests/ops/control_flow/test_frames.py":
        "Switch=switch RefSwitch=ref_switch Merge=merge RefMerge=ref_merge Enter=enter RefEnter=ref_enter Exit=exit RefExit=ref_exit "
        "NextIteration=next_iteration RefNextIteration=ref_next_iteration LoopCond=loop_cond ControlTrigger=control_trigger "
        "Stack StackPush StackPop StackClose StackV2 StackPushV2 StackPopV2 StackCloseV2 TensorArray TensorArrayWrite TensorArrayRead "
        "TensorArrayGather TensorArrayScatter TensorArrayConcat TensorArraySplit TensorArraySize TensorArrayClose TensorArrayPack "
        "TensorArrayUnpack TensorArrayV2 TensorArrayWriteV2 TensorArrayReadV2 TensorArrayGatherV2 TensorArrayScatterV2 TensorArrayConcatV2 "
        "TensorArraySplitV2 TensorArraySizeV2 TensorArrayCloseV2 TensorArrayV3 TensorArrayWriteV3 TensorArrayReadV3 TensorArrayGatherV3 "
        "TensorArrayScatterV3 TensorArrayConcatV3 TensorArraySplitV3 TensorArraySizeV3 TensorArrayCloseV3 "
        "TensorArrayGrad=tensor_array_grad TensorArrayGradV2=tensor_array_grad TensorArrayGradV3=tensor_array_grad "
        "TensorArrayGradWithShape=tensor_array_grad_with_shape",
    "tests/ops/data_flow/test_tensor_lists.py":
        "EmptyTensorList TensorListReserve TensorListPushBack TensorListPopBack TensorListLength TensorListElementShape TensorListGetItem "
        "TensorListSetItem TensorListResize TensorListStack TensorListFromTensor TensorListGather TensorListScatter TensorListScatterV2 "
        "TensorListScatterIntoExistingList TensorListConcat TensorListConcatV2 TensorListSplit TensorListConcatLists",
    "tests/ops/data_flow/test_queues.py":
        "RefSelect FIFOQueue PaddingFIFOQueue PriorityQueue RandomShuffleQueue QueueEnqueue QueueEnqueueMany QueueDequeue QueueDequeueMany "
        "QueueDequeueUpTo QueueClose QueueIsClosed QueueSize FIFOQueueV2 PaddingFIFOQueueV2=PaddingFIFOQueue PriorityQueueV2=PriorityQueue "
        "RandomShuffleQueueV2=RandomShuffleQueue QueueEnqueueV2=enqueue QueueEnqueueManyV2=enqueue_many QueueDequeueV2=dequeue "
        "QueueDequeueManyV2=dequeue_many QueueDequeueUpToV2=dequeue_up_to QueueCloseV2=close QueueIsClosedV2=is_closed QueueSizeV2=size",
    "tests/ops/data_flow/test_tables.py":
        "HashTable HashTableV2 MutableHashTable MutableHashTableV2=MutableHashTable MutableHashTableOfTensors MutableDenseHashTable "
        "MutableHashTableOfTensorsV2=MutableHashTableOfTensors MutableDenseHashTableV2=DenseHashTable LookupTableFind LookupTableFindV2 "
        "LookupTableInsert LookupTableInsertV2 LookupTableRemoveV2 LookupTableImport LookupTableImportV2=insert InitializeTable "
        "InitializeTableV2 InitializeTableFromTextFile InitializeTableFromTextFileV2 LookupTableSize LookupTableSizeV2=size "
        "LookupTableExport LookupTableExportV2",
    "tests/ops/dataset/programs.py":
        "TensorDataset=from_tensors TensorSliceDataset=from_tensor_slices RangeDataset=range ZipDataset=zip ConcatenateDataset=concatenate "
        "TakeDataset=take SkipDataset=skip RepeatDataset=repeat ShardDataset=shard CacheDataset=cache UnbatchDataset=unbatch "
        "BatchDatasetV2=batch PaddedBatchDatasetV2=padded_batch WindowDataset=window ShuffleDataset=shuffle MapDataset=map "
        "ParallelMapDatasetV2=map FilterDataset=filter FlatMapDataset=flat_map InterleaveDataset=interleave "
        "ParallelInterleaveDatasetV2=interleave PrefetchDataset=prefetch IteratorV2=make_initializable_iterator "
        "OneShotIterator=make_one_shot_iterator MakeIterator=make_initializer IteratorGetNext=get_next "
        "IteratorToStringHandle=string_handle IteratorFromStringHandleV2=from_string_handle TextLineDataset TFRecordDataset "
        "FixedLengthRecordDatasetV2=FixedLengthRecordDataset ReduceDataset=reduce DatasetToSingleElement=get_single_element "
        "ShuffleAndRepeatDataset=shuffle_and_repeat MapAndBatchDataset=map_and_batch IgnoreErrorsDataset=ignore_errors "
        "LegacyParallelInterleaveDatasetV2=parallel_interleave TakeWhileDataset=take_while ScanDataset=scan "
        "GeneratorDataset=from_generator "
        "GroupByReducerDataset=group_by_reducer DenseToSparseBatchDataset=dense_to_sparse_batch "
        "IteratorGetNextAsOptional=get_next_as_optional "
        "DatasetCardinality=cardinality AssertCardinalityDataset=assert_cardinality "
        "GroupByWindowDataset=group_by_window RandomDataset DirectedInterleaveDataset=choose_from_datasets UniqueDataset=unique "
        "CSVDatasetV2=CsvDataset SerializeSparse=from_tensors SerializeManySparse=from_tensor_slices DeserializeSparse=sparse",
    "tests/ops/test_serialized_sparse.py": "DeserializeManySparse=deserialize_many_sparse",
    "tests/ops/dataset/test_old_datasets.py":
        "BatchDataset ParallelMapDataset FixedLengthRecordDataset Iterator IteratorGetNextSync IteratorFromStringHandle "
        "ExperimentalDatasetCardinality",
    "tests/runtime/test_partial_runs.py": "GetSessionHandle=get_session_handle GetSessionTensor=get_session_tensor "
                                          "DeleteSessionTensor=delete_session_tensor",
    "tests/ops/data_flow/test_accumulators.py":
        "ConditionalAccumulator ResourceConditionalAccumulator=ConditionalAccumulator SparseConditionalAccumulator "
        "AccumulatorApplyGradient ResourceAccumulatorApplyGradient=apply_grad SparseAccumulatorApplyGradient=sparse "
        "AccumulatorNumAccumulated ResourceAccumulatorNumAccumulated=num_accumulated AccumulatorSetGlobalStep "
        "ResourceAccumulatorSetGlobalStep=step AccumulatorTakeGradient ResourceAccumulatorTakeGradient=take_grad "
        "SparseAccumulatorTakeGradient=take_grad",
    "tests/ops/data_flow/test_staging.py": "Stage=put Unstage=get StagePeek=peek StageSize=size StageClear=clear",
    "tests/ops/data_flow/test_barriers.py":
        "BarrierClose=close FakeQueue GetSessionHandleV2 RecordInput MapStage=MapStagingArea MapIncompleteSize=incomplete_size "
        "OrderedMapStage=MapStagingArea OrderedMapIncompleteSize=incomplete_size",
    "tests/ops/data_flow/barrier_programs.py":
        "Barrier BarrierInsertMany=insert_many BarrierTakeMany=take_many BarrierReadySize=ready_size BarrierIncompleteSize=incomplete_size "
        "MapUnstage=get MapPeek=peek MapUnstageNoKey=get MapSize=size MapClear=clear OrderedMapUnstage=get OrderedMapPeek=peek "
        "OrderedMapUnstageNoKey=get OrderedMapSize=size OrderedMapClear=clear",
    "tests/train/test_queue_input.py":
        "TextLineReaderV2=TextLineReader TextLineReader WholeFileReaderV2=WholeFileReader WholeFileReader IdentityReaderV2=IdentityReader "
        "IdentityReader TFRecordReaderV2=TFRecordReader TFRecordReader FixedLengthRecordReaderV2=FixedLengthRecordReader "
        "FixedLengthRecordReader ReaderReadV2=read ReaderRead=read ReaderReadUpToV2=read_up_to ReaderReadUpTo=read_up_to "
        "ReaderNumRecordsProducedV2=num_records_produced ReaderNumRecordsProduced=num_records_produced ReaderResetV2=reset "
        "ReaderReset=reset ReaderNumWorkUnitsCompletedV2=num_work_units_completed ReaderNumWorkUnitsCompleted=num_work_units_completed",
    "tests/ops/test_files.py": "ReadFile WriteFile=write_file MatchingFiles=matching_files DecodeCompressed=decode_compressed "
                               "DecodeJSONExample=decode_json_example",
}
WORDS = {op.partition("=")[0]: (suite, op.rpartition("=")[2]) for suite, ops in SUITES.items() for op in ops.split()}


def _registered() -> set[str]:
    for module in sorted(set(_api.OPS.values())):
        importlib.import_module(module)
    return {name for name, cls in REGISTRY.items() if cls.__module__.startswith("graphflow.")}


def test_every_op_has_a_row():
    covered = {op for row in opdb.load() for op in row.ops}
    missing = sorted(_registered() - covered - set(WORDS))
    assert not missing, f"{len(missing)} ops have no row in tests/opdb: {', '.join(missing)}"


@pytest.mark.parametrize("op", WORDS)
def test_the_other_suites_use_the_op(op):
    suite, word = WORDS[op]
    assert word in words_in((Path(__file__).parents[1] / suite).read_text(encoding="utf-8")), f"{suite} does not use {op}"


def words_in(text):
    """The names of a program and the words of its strings; docstrings and comments do not count."""
    tree = ast.parse(text)
    doc = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
           and ast.get_docstring(node) is not None}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in doc:
            found.update(re.findall(r"\w+", node.value))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def test_rows_name_ops_that_exist():
    unknown = sorted({op for row in opdb.load() for op in row.ops} - _registered())
    assert not unknown, f"rows of tests/opdb name ops without a class: {unknown}"
