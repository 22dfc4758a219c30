"""Dataset operations that graphs hold and that no public function makes under these names."""

import pytest

import graphflow as tf

RANGE = tf.raw_ops.RangeDataset
ONE = {"output_types": [tf.int64], "output_shapes": [[]]}


def drained(dataset, iterator=None, **attributes):
    attributes = attributes or {"output_types": [tf.int64], "output_shapes": [[]]}
    iterator = tf.raw_ops.IteratorV2(shared_name="", container="", **attributes) if iterator is None else iterator
    start, fetch, found = tf.raw_ops.MakeIterator(dataset=dataset, iterator=iterator), tf.raw_ops.IteratorGetNext(
        iterator=iterator, **attributes), []
    with tf.Session() as session:
        session.run(start)
        with pytest.raises(tf.errors.OutOfRangeError):
            while True:
                found.append(session.run(fetch)[0].tolist())
    return found


def numbers(n):
    return RANGE(start=tf.constant(0, tf.int64), stop=tf.constant(n, tf.int64), step=tf.constant(1, tf.int64), **ONE)


def test_BatchDataset_keeps_a_smaller_last_batch():
    batches = {"output_types": [tf.int64], "output_shapes": [[None]]}
    assert drained(tf.raw_ops.BatchDataset(input_dataset=numbers(5), batch_size=tf.constant(2, tf.int64), **batches), **batches) == \
        [[0, 1], [2, 3], [4]]


def test_FixedLengthRecordDataset_reads_whole_records(tmp_path):
    (tmp_path / "a").write_bytes(b"HHabcdefF")
    one = {"output_types": [tf.string], "output_shapes": [[]]}
    sizes = [tf.constant(n, tf.int64) for n in (2, 3, 1, 0)]
    dataset = tf.raw_ops.FixedLengthRecordDataset(filenames=[str(tmp_path / "a")], header_bytes=sizes[0], record_bytes=sizes[1],
                                                  footer_bytes=sizes[2], buffer_size=sizes[3])
    fetch = tf.raw_ops.DatasetToSingleElement(dataset=tf.raw_ops.BatchDataset(input_dataset=dataset, batch_size=sizes[0], **one), **one)
    with tf.Session() as session:
        assert session.run(fetch)[0].tolist() == [b"abc", b"def"]


def test_ParallelMapDataset_maps_in_order():
    made = tf.data.Dataset.range(5).map(lambda x: x * 3, num_parallel_calls=2)._variant.op
    old = tf.raw_ops.ParallelMapDataset(input_dataset=made.inputs[0], other_arguments=[], num_parallel_calls=3, f=made._op_def.f, **ONE)
    assert drained(old) == [0, 3, 6, 9, 12]


def test_Iterator_IteratorGetNextSync_and_IteratorFromStringHandle_are_those_of_old():
    iterator = tf.raw_ops.Iterator(shared_name="shared", container="", **ONE)
    start = tf.raw_ops.MakeIterator(dataset=numbers(3), iterator=iterator)
    text = tf.raw_ops.IteratorToStringHandle(resource_handle=iterator)
    again = tf.raw_ops.IteratorFromStringHandle(string_handle=tf.placeholder_with_default(text, []), **ONE)
    fetch, other = (tf.raw_ops.IteratorGetNextSync(iterator=it, **ONE) for it in (iterator, again))
    with tf.Session() as session:
        session.run(start)
        assert [session.run(fetch)[0], session.run(other)[0], session.run(fetch)[0]] == [0, 1, 2]


def test_the_number_of_elements_is_told_by_the_operation_of_1_15_too():
    datasets = [tf.data.Dataset.range(5).batch(2), tf.data.Dataset.range(5).repeat(), tf.data.Dataset.range(5).filter(lambda x: x > 1)]
    with tf.Session() as session:
        assert session.run([tf.raw_ops.ExperimentalDatasetCardinality(input_dataset=d._variant) for d in datasets]) == [3, -1, -2]
