"""Programs with queues, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import numpy as np


def after(tf, first, then):
    """then(), when `first` is done."""
    with tf.control_dependencies([first]):
        return then()


def hashed(tf, texts):
    """Numbers in place of strings, which numpy's files hold pickled only."""
    return tf.strings.to_hash_bucket_fast(texts, 1000)


def program_fifo(tf):
    queue = tf.FIFOQueue(10, [tf.float32, tf.int32], shapes=[[2], []])
    filled = queue.enqueue_many([np.arange(8, dtype=np.float32).reshape(4, 2), [1, 2, 3, 4]])
    first = after(tf, filled, queue.dequeue)
    rest = after(tf, first[0], lambda: queue.dequeue_many(3))
    return [*first, *rest, after(tf, rest[0], queue.size), after(tf, rest[1], queue.is_closed)]


def program_names_and_elements_without_shapes(tf):
    queue = tf.FIFOQueue(10, [tf.string, tf.int64], names=["word", "count"], name="scope/named")
    first = after(tf, queue.enqueue({"word": ["a", "b"], "count": 3}), queue.dequeue)
    second = after(tf, after(tf, first["word"], lambda: queue.enqueue({"count": [[1]], "word": "c"})), lambda: queue.dequeue(name="out"))
    return [hashed(tf, first["word"]), first["count"], hashed(tf, second["word"]), second["count"]]


def program_one_component_with_one_shape(tf):
    queue = tf.FIFOQueue(5, tf.float64, shapes=[])
    queue.close(), queue.close(True)
    return [after(tf, queue.enqueue_many([[1.0, 2.0]]), lambda: queue.dequeue_many(2))]


def program_shuffled(tf):
    queue = tf.RandomShuffleQueue(100, 5, [tf.int32, tf.string], shapes=[[], [1]], seed=12)
    filled = queue.enqueue_many([list(range(50)), [[str(i)] for i in range(50)]])
    found = after(tf, filled, lambda: queue.dequeue_many(21))
    one = after(tf, found[0], queue.dequeue)
    return [found[0], hashed(tf, found[1]), one[0], hashed(tf, one[1])]


def program_shuffled_by_the_graphs_seed(tf):
    tf.set_random_seed(7)
    found = []
    for name in (None, "shared", "other"):
        queue = tf.RandomShuffleQueue(40, 0, tf.int32, shapes=[[]], shared_name=name)
        found.append(after(tf, queue.enqueue_many([list(range(20))]), lambda queue=queue: queue.dequeue_many(20)))
    return found


def program_padded(tf):
    queue = tf.PaddingFIFOQueue(10, [tf.int32, tf.string, tf.float32], shapes=[[None, 2], [None], [3]])
    one = queue.enqueue([[[1, 2]], ["a"], [1.0, 2.0, 3.0]])
    two = after(tf, one, lambda: queue.enqueue([[[1, 2], [3, 4]], ["a", "b", "c"], [4.0, 5.0, 6.0]]))
    found = after(tf, two, lambda: queue.dequeue_many(2))
    three = after(tf, found[0], lambda: queue.enqueue([np.zeros((0, 2)), [], [1.0, 1.0, 1.0]]))
    last = after(tf, three, queue.dequeue)
    return [found[0], hashed(tf, found[1]), found[2], last[0], hashed(tf, last[1]), last[2]]


def program_by_priority(tf):
    queue = tf.PriorityQueue(50, [tf.int32], shapes=[[]])
    filled = queue.enqueue_many([[3, 1, 2, 1, 3, 1, 2, 2, 1, 1, -4], list(range(11))])
    first = after(tf, filled, queue.dequeue)
    second = after(tf, first[0], lambda: queue.enqueue([np.int64(0), 99]))
    return [*first, *after(tf, second, lambda: queue.dequeue_up_to(11))]


def program_no_elements(tf):
    queue = tf.FIFOQueue(3, [tf.float32], shapes=[[2]])
    n = tf.constant(0) * 2
    return [queue.dequeue_many(0), queue.dequeue_many(n), after(tf, queue.enqueue_many([np.zeros((0, 2), np.float32)]), queue.size)]


def program_one_of_two_queues(tf):
    queues = [tf.FIFOQueue(9, tf.float32, shapes=[[]]), tf.FIFOQueue(9, tf.float32, shapes=[[]], name="other")]
    filled = tf.group(*[q.enqueue_many([[10.0 * k + i for i in range(4)]]) for k, q in enumerate(queues)])
    index = tf.placeholder_with_default(1, [], name="which")
    chosen = tf.QueueBase.from_list(index, queues)
    first = after(tf, filled, chosen.dequeue)
    put = after(tf, first, lambda: chosen.enqueue(7.0))
    rest = after(tf, put, lambda: chosen.dequeue_many(4))
    fixed = tf.QueueBase.from_list(0, queues)
    other = after(tf, rest, lambda: fixed.dequeue_many(4))
    return [first, rest, other, after(tf, other, lambda: tf.stack([fixed.size(), chosen.size()]))]
