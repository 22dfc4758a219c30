"""Programs with queue input, built in graphflow and in TensorFlow by tests/oracle/programs.py: their nodes are compared. `tf` is either."""

from __future__ import annotations


def scalars(tf):
    return [tf.constant([1.0]), tf.constant(2)]


def program_names(tf):
    tf.train.string_input_producer(["a", "b"], num_epochs=2, seed=3)
    tf.train.string_input_producer(["a", "b"], shuffle=False, shared_name="s", name="N")
    return [tf.constant(1)]


def program_ranges_and_slices(tf):
    tf.train.range_input_producer(5, shuffle=False).dequeue()
    tf.train.slice_input_producer([tf.constant([[1.0], [2.0]]), tf.constant([1, 2])], num_epochs=1)
    tf.train.input_producer([[1, 2]], capacity=3)
    return [tf.train.limit_epochs(tf.constant(1.0), 5)]


def program_batches(tf):
    tf.train.batch(scalars(tf), 3, num_threads=2)
    tf.train.batch(dict(zip("ab", scalars(tf))), 3, allow_smaller_final_batch=True)
    tf.train.batch([tf.placeholder(tf.int32, [None])], 3, dynamic_pad=True)
    tf.train.batch([tf.constant([1.0, 2.0])], 3, enqueue_many=True, name="many")
    tf.train.shuffle_batch(scalars(tf), 3, 50, 10, seed=4)
    tf.train.batch_join([[tf.constant([1.0])], [tf.constant([2.0])]], 3)
    tf.train.shuffle_batch_join([[tf.constant([1.0])], [tf.constant([2.0])]], 3, 50, 10)
    return [tf.constant(1)]


def program_readers(tf):
    queue = tf.FIFOQueue(3, tf.string)
    tf.TextLineReader(skip_header_lines=1).read(queue)
    tf.WholeFileReader().read_up_to(queue, 5)
    tf.TFRecordReader().num_records_produced()
    tf.FixedLengthRecordReader(4).num_work_units_completed()
    tf.IdentityReader().reset()
    return [tf.constant(1)]
