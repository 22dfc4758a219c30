"""Programs for TensorFlow's control flow v1 alone: what its nodes can say and functional branches and loops cannot, and what TF1 programs
did with variables, queues and checks inside. Each gives fetches, or (fetches, feeds).
"""
from __future__ import annotations

import numpy as np


def _x(tf, value=0.5, name="x"):
    return tf.placeholder_with_default(np.float32(value), [], name=name)


def _ops(tf):
    """The functions that make single nodes."""
    return tf.raw_ops


# -- branches without a Merge, and dead values --------------------------------------------------------------------------
def program_switch_without_merge(tf):
    x = _x(tf)
    yes = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0)).output_true
    return [tf.identity(yes * 2.0)]


def program_merge_of_three(tf):
    x = _x(tf)
    no, yes = _ops(tf).Switch(data=x, pred=tf.greater(x, 1.0))
    low, high = _ops(tf).Switch(data=no * 3.0, pred=tf.less(x, 0.0))
    found = _ops(tf).Merge(inputs=[yes, low + 1.0, high - 1.0])
    return [found.output, found.value_index]


def program_merge_of_one(tf):
    x = _x(tf)
    yes = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0)).output_true
    found = _ops(tf).Merge(inputs=[yes])
    return [found.output * 2.0, found.value_index]


def program_merge_of_unlike_predicates(tf):
    x = _x(tf)
    a = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0))
    b = _ops(tf).Switch(data=x, pred=tf.greater(x, 1.0))
    found = _ops(tf).Merge(inputs=[a.output_true * 2.0, b.output_true])
    return [found.output, found.value_index]


def program_switch_of_switch(tf):
    x = _x(tf)
    p, q = tf.less(x, 1.0), tf.greater(x, 0.75)
    outer = _ops(tf).Switch(data=x, pred=p)
    inner = _ops(tf).Switch(data=outer.output_true, pred=q)
    joined = _ops(tf).Merge(inputs=[inner.output_false * 5.0, inner.output_true * 7.0])
    return [_ops(tf).Merge(inputs=[joined.output, outer.output_false]).output]


def program_predicate_that_is_dead(tf):
    x = _x(tf)
    outer = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0))
    inner = _ops(tf).Switch(data=x, pred=tf.less(outer.output_false, 0.0))
    found = _ops(tf).Merge(inputs=[inner.output_true, inner.output_false, outer.output_true])
    return [found.output, found.value_index]


def program_control_input_from_a_dead_operation(tf):
    x = _x(tf)
    no, yes = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0))
    with tf.control_dependencies([tf.identity(no)]):
        dead = tf.constant(1.0)
    with tf.control_dependencies([tf.identity(yes)]):
        alive = tf.constant(2.0)
    return [_ops(tf).Merge(inputs=[dead, alive]).output]


def program_dead_group(tf):
    x, v = _x(tf), tf.get_variable("v", initializer=1.0, use_resource=False)
    no, yes = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0))
    with tf.control_dependencies([tf.identity(no)]):
        dead = tf.group(tf.assign_add(v, 10.0))
    with tf.control_dependencies([tf.identity(yes)]):
        alive = tf.group(tf.assign_add(v, 0.5))
    with tf.control_dependencies([alive]):
        return [tf.identity(v.read_value()), dead]


# -- nodes of loops by hand ---------------------------------------------------------------------------------------------
def _loop(tf, start, condition, body, name="hand", constants=()):
    """A loop of one variable made of single nodes."""
    ops = _ops(tf)
    enter = ops.Enter(data=start, frame_name=name)
    inside = [ops.Enter(data=c, frame_name=name, is_constant=True) for c in constants]
    merge = ops.Merge(inputs=[enter, enter])
    go_on = ops.LoopCond(input=condition(merge.output, *inside))
    leave, stay = ops.Switch(data=merge.output, pred=go_on)
    after = ops.NextIteration(data=body(tf.identity(stay), *inside))
    merge.output.op._update_input(1, after)
    return ops.Exit(data=leave)


def program_loop_by_hand(tf):
    x, limit, factor = _x(tf), tf.constant(100.0), tf.constant(3.0)
    return [_loop(tf, x, lambda v, n, f: tf.less(v, n), lambda v, n, f: v * f, constants=[limit, factor])]


def program_loop_by_hand_on_a_dead_branch(tf):
    x, limit = _x(tf), tf.constant(10.0)
    no, yes = _ops(tf).Switch(data=x, pred=tf.less(x, 1.0))
    low, high = _ops(tf).Switch(data=limit, pred=tf.less(x, 1.0))
    dead = _loop(tf, no, lambda v, n: tf.less(v, n), lambda v, n: v + v, "dead", [low])
    alive = _loop(tf, yes, lambda v, n: tf.less(v, n), lambda v, n: v + v, "alive", [high])
    return [_ops(tf).Merge(inputs=[dead, alive]).output]


# -- variables in branches and loops ------------------------------------------------------------------------------------
def _variable(use_resource, in_branch):
    def program(tf):
        x, v = _x(tf), tf.get_variable("v", initializer=1.0, use_resource=use_resource)
        taken = tf.less(x, 1.0) if in_branch else tf.greater(x, 1.0)
        found = tf.cond(taken, lambda: tf.assign_add(v, 2.0) * 1.0, lambda: tf.identity(v.read_value() if use_resource else v) * 10.0)
        with tf.control_dependencies([found]):
            return [found, tf.identity(v.read_value())]
    return program


def _both_branches_assign(use_resource):
    def program(tf):
        x = _x(tf)
        v, w = (tf.get_variable(n, initializer=i, use_resource=use_resource) for n, i in (("v", 1.0), ("w", 5.0)))

        def both():
            with tf.control_dependencies([tf.assign(v, x)]):
                return tf.group(tf.assign_sub(w, v.read_value()))

        found = tf.cond(x < 1.0, both, lambda: tf.group(tf.assign(w, x)))
        with tf.control_dependencies([found]):
            return [tf.identity(v.read_value()), tf.identity(w.read_value())]
    return program


def _assigned_in_loop(use_resource):
    def program(tf):
        v = tf.get_variable("v", initializer=1.0, use_resource=use_resource)

        def body(i, total):
            with tf.control_dependencies([tf.assign_add(v, 1.5)]):
                return i + 1, total + tf.identity(v.read_value())

        total = tf.while_loop(lambda i, _: i < 4, body, [0, 0.0], parallel_iterations=1)[1]
        with tf.control_dependencies([total]):
            return [total, tf.identity(v.read_value())]
    return program


def _branch_in_loop(use_resource):
    def program(tf):
        v = tf.get_variable("v", initializer=1.0, use_resource=use_resource)

        def body(i):
            found = tf.cond(tf.equal(i % 2, 0), lambda: tf.assign_add(v, 1.0) * 1.0, lambda: tf.assign(v, v * 2.0) * 1.0)
            with tf.control_dependencies([found]):
                return i + 1

        i = tf.while_loop(lambda i: i < 5, body, [0], parallel_iterations=1)
        with tf.control_dependencies([i]):
            return [i, tf.identity(v.read_value())]
    return program


for _use in (False, True):
    _kind = "resource" if _use else "reference"
    globals()[f"program_{_kind}_assigned_in_taken_branch"] = _variable(_use, True)
    globals()[f"program_{_kind}_assigned_in_other_branch"] = _variable(_use, False)
    globals()[f"program_{_kind}s_assigned_in_both_branches"] = _both_branches_assign(_use)
    globals()[f"program_{_kind}_assigned_in_loop"] = _assigned_in_loop(_use)
    globals()[f"program_{_kind}_assigned_in_branch_in_loop"] = _branch_in_loop(_use)


def program_reference_as_a_value_in_branches(tf):
    x, v = _x(tf), tf.get_variable("v", initializer=3.0, use_resource=False)
    return [tf.cond(x < 1.0, lambda: v * x, lambda: x), tf.cond(x > 1.0, lambda: x, lambda: v + x)]


def program_reference_as_a_loop_variable(tf):
    v = tf.get_variable("v", initializer=3.0, use_resource=False)
    return [tf.while_loop(lambda a: a < 50.0, lambda a: a * v, [v])]


def program_reference_switch_and_merge(tf):
    x, v = _x(tf), tf.get_variable("v", initializer=3.0, use_resource=False)
    ref = v._ref() if hasattr(v, "_ref") else v
    no, yes = _ops(tf).RefSwitch(data=ref, pred=x < 1.0)
    assigned = tf.assign_add(yes, 1.0)
    found = _ops(tf).RefMerge(inputs=[no, assigned])
    return [tf.identity(found.output) + 1.0, found.value_index]


def program_gradient_steps_in_a_loop(tf):
    w = tf.get_variable("w", initializer=[1.0, -2.0], use_resource=False)

    def body(i):
        loss = tf.reduce_sum(tf.square(w - 3.0))
        with tf.control_dependencies([tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])]):
            return i + 1

    i = tf.while_loop(lambda i: i < 3, body, [0], parallel_iterations=1)
    with tf.control_dependencies([i]):
        return [tf.identity(w.read_value())]


def _trained(optimizer):
    def program(tf):
        random = np.random.RandomState(0)
        x = tf.constant(random.normal(size=(4, 5, 3)).astype(np.float32))
        w = tf.get_variable("w", initializer=random.normal(size=(5, 2)).astype(np.float32) * 0.3)

        def step(i, state, outputs):
            new = tf.tanh(tf.matmul(tf.concat([x[:, i], state], 1), w))
            return i + 1, new, outputs.write(i, new)

        start = [0, tf.zeros([4, 2]), tf.TensorArray(tf.float32, 5, element_shape=[4, 2])]
        _, state, outputs = tf.while_loop(lambda i, *_: i < 5, step, start)
        loss = tf.reduce_mean(tf.square(outputs.stack() - 0.5)) + tf.reduce_sum(state * state)
        train = optimizer(tf).minimize(loss)
        with tf.control_dependencies([train]):
            return [loss, tf.identity(w.read_value())]
    return program


program_train_through_a_loop = _trained(lambda tf: tf.train.GradientDescentOptimizer(0.5))
program_train_through_a_loop_with_adam = _trained(lambda tf: tf.train.AdamOptimizer(0.05))


def program_clipped_training_with_a_check(tf):
    w = tf.get_variable("w", initializer=[1.0, 2.0], use_resource=False)
    loss = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.reduce_sum(w * w)), [0, 0.0])[1]
    (gradient,), norm = tf.clip_by_global_norm(tf.gradients(loss, [w]), 1.0)
    with tf.control_dependencies([loss, tf.Assert(tf.less(norm, 1000.0), [norm])]):
        train = tf.train.GradientDescentOptimizer(0.25).apply_gradients([(gradient, w)])
    with tf.control_dependencies([train]):
        return [loss, norm, tf.identity(w.read_value())]


# -- checks, printing, summaries, randomness ----------------------------------------------------------------------------
def program_assertion_in_a_branch(tf):
    x = _x(tf)
    with tf.control_dependencies([tf.Assert(x < 1.0, [x])]):
        return [tf.cond(x < 1.0, lambda: tf.identity(x) * 2.0, lambda: x)]


def program_assertion_in_a_dead_branch(tf):
    x = _x(tf)

    def fails():
        with tf.control_dependencies([tf.Assert(tf.less(x, -5.0), [x])]):
            return tf.identity(x)

    return [tf.cond(x < 1.0, lambda: x * 4.0, fails)]


def program_assert_equal_in_a_loop(tf):
    def body(i):
        with tf.control_dependencies([tf.assert_less(i, 5)]):
            return i + 1
    return [tf.while_loop(lambda i: i < 5, body, [0])]


def program_summary_in_a_branch(tf):
    x = _x(tf)
    return [tf.cond(x < 1.0, lambda: tf.summary.scalar("a", x), lambda: tf.summary.scalar("b", x))]


def program_strings_in_branches(tf):
    x = _x(tf)
    return [tf.cond(x < 1.0, lambda: tf.as_string(tf.constant([1, 2])), lambda: tf.constant(["no", "no"]))]


def program_case_without_default(tf):
    x = _x(tf)
    return [tf.case([(x < 0.0, lambda: x * 2.0), (x < 1.0, lambda: x * 3.0)], exclusive=False)]


def program_exclusive_case(tf):
    x = _x(tf)
    pairs = [(x < 0.0, lambda: x * 2.0), (tf.logical_and(x > 0.0, x < 1.0), lambda: x * 3.0)]
    return [tf.case(pairs, default=lambda: x, exclusive=True)]


def program_seeded_noise_in_a_branch(tf):
    tf.set_random_seed(3)
    x = _x(tf)
    return [tf.cond(x < 1.0, lambda: tf.random_uniform([3], seed=1), lambda: tf.zeros([3]))]


def program_seeded_noise_in_a_loop(tf):
    tf.set_random_seed(3)
    return [tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.random_normal([2], seed=1)), [0, tf.zeros([2])])[1]]


def program_dropout_by_a_flag(tf):
    tf.set_random_seed(3)
    x, training = tf.ones([2, 6]), tf.placeholder_with_default(True, [], name="training")
    return [tf.cond(training, lambda: tf.nn.dropout(x, rate=0.5, seed=2), lambda: x)]


def program_moving_average_by_a_flag(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 6.0]])
    training = tf.placeholder_with_default(True, [], name="training")
    mean = tf.get_variable("mean", initializer=tf.zeros([2]), trainable=False, use_resource=False)
    batch = tf.reduce_mean(x, 0)

    def train():
        with tf.control_dependencies([tf.assign(mean, mean * 0.9 + batch * 0.1)]):
            return tf.identity(batch)

    first = tf.cond(training, train, lambda: tf.identity(mean))
    with tf.control_dependencies([first]):
        return [first, tf.identity(mean.read_value())]


# -- arrays, shapes, sequences ------------------------------------------------------------------------------------------
def program_loop_that_grows(tf):
    start = tf.placeholder_with_default(np.float32([[1.0, 2.0]]), [None, 2], name="start")
    rows = tf.while_loop(lambda i, a: i < 9, lambda i, a: (i + 1, tf.concat([a, a[-1:] * 1.5], 0)), [0, start],
                         shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])])[1]
    return [rows, tf.gradients(rows, start)[0]]


def program_loop_that_shrinks_to_nothing(tf):
    start = tf.placeholder_with_default(np.float32([1.0, 2.0, 3.0]), [None], name="start")
    rest, total = tf.while_loop(lambda a, t: tf.size(a) > 0, lambda a, t: (a[1:], t * 2.0 + a[0]), [start, 0.0],
                                shape_invariants=[tf.TensorShape([None]), tf.TensorShape([])])
    return [rest, total]


def program_dynamic_sequences(tf):
    x = tf.constant(np.random.RandomState(1).normal(size=(3, 4, 2)).astype(np.float32))
    lengths = tf.constant([4, 2, 0])

    def step(t, state, array):
        new = tf.tanh(state + x[:, t] * 0.5)
        keep = tf.less(t, lengths)
        return t + 1, tf.where(keep, new, state), array.write(t, tf.where(keep, new, tf.zeros_like(new)))

    _, state, array = tf.while_loop(lambda t, *_: t < tf.reduce_max(lengths), step, [0, tf.zeros([3, 2]),
                                                                                    tf.TensorArray(tf.float32, 4)])
    outputs = tf.transpose(array.stack(), [1, 0, 2])
    return [outputs, state, tf.gradients(tf.reduce_sum(outputs * outputs), x)[0]]


def program_array_read_twice(tf):
    x = _x(tf)
    array = tf.TensorArray(tf.float32, 3, clear_after_read=False).unstack(tf.stack([x, x * 2.0, x * 3.0]))
    y = array.read(1) * array.read(1) + array.read(2)
    return [y, tf.gradients(y, x)[0]]


def program_arrays_in_branches(tf):
    x = _x(tf)

    def one():
        return tf.TensorArray(tf.float32, 2).unstack(tf.stack([x, x * x])).stack()

    y = tf.cond(x < 1.0, one, lambda: tf.zeros([2]))
    return [y, tf.gradients(y, x)[0]]


def program_array_split_and_concat(tf):
    x = tf.placeholder_with_default(np.float32([1, 2, 3, 4, 5]), [5], name="v")
    array = tf.TensorArray(tf.float32, 3, infer_shape=False).split(x * x, [2, 1, 2])
    y = array.concat()
    return [y, tf.gradients(y, x)[0]]


def program_beam_like_search(tf):
    scores = tf.constant(np.random.RandomState(2).normal(size=(4, 5)).astype(np.float32))

    def body(t, total, path):
        found = total[:, None] + scores[t][None]
        best, index = tf.nn.top_k(tf.reshape(found, [-1]), 2)
        return t + 1, best, tf.concat([tf.gather(path, index // 5), (index % 5)[:, None]], 1)

    _, total, path = tf.while_loop(lambda t, *_: t < 4, body, [0, tf.zeros([2]), tf.zeros([2, 0], tf.int32)],
                                   shape_invariants=[tf.TensorShape([]), tf.TensorShape([2]), tf.TensorShape([2, None])])
    return [total, path]


def program_nested_loops_with_arrays(tf):
    x = _x(tf)

    def inner(i, array):
        _, value = tf.while_loop(lambda j, _: j <= i, lambda j, v: (j + 1, v * x + 1.0), [0, x])
        return i + 1, array.write(i, value)

    y = tf.while_loop(lambda i, _: i < 3, inner, [0, tf.TensorArray(tf.float32, 3)])[1].stack()
    return [y, tf.gradients(y, x)[0]]


def program_loop_in_the_last_turn_of_another(tf):
    x = _x(tf)

    def outer(i, total):
        _, value = tf.while_loop(lambda j, v: j < 2, lambda j, v: (j + 1, v + total), [0, x])
        return i + 1, value

    y = tf.while_loop(lambda i, _: i < 3, outer, [0, x])[1]
    return [y, tf.gradients(y, x)[0]]


# -- queues and feeds ---------------------------------------------------------------------------------------------------
def program_queue_in_a_loop(tf):
    queue = tf.FIFOQueue(8, [tf.float32], shapes=[[]])
    with tf.control_dependencies([queue.enqueue_many([[1.0, 2.0, 4.0, 8.0]])]):
        start = tf.constant(0)
    found = tf.while_loop(lambda i, t: i < 4, lambda i, t: (i + 1, t * 2.0 + queue.dequeue()), [start, 0.0], parallel_iterations=1)
    with tf.control_dependencies(found):
        return [found[1], queue.size()]


def program_enqueued_in_a_branch(tf):
    x, queue = _x(tf), tf.FIFOQueue(8, [tf.float32], shapes=[[]])
    put = tf.cond(x < 1.0, lambda: queue.enqueue([x]), lambda: tf.no_op())
    with tf.control_dependencies([put]):
        return [queue.dequeue()]


def program_fed_into_a_branch(tf):
    x, y = _x(tf), _x(tf, 2.0, "y")
    inner = []

    def taken():
        inner.append(x * y)
        return inner[0] + 1.0

    found = tf.cond(x < 1.0, taken, lambda: y)
    return [found], {inner[0]: 7.0}


def program_table_in_a_loop(tf):
    table = tf.constant([3, 0, 4, 1, 2])
    return [tf.while_loop(lambda i, at: i < 7, lambda i, at: (i + 1, table[at]), [0, 1])[1]]


def program_py_func_in_a_loop(tf):
    x = tf.constant([1.0, 2.0])
    return [tf.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, tf.reshape(tf.strings.to_number(tf.as_string(v)), [2])), [0, x])[1]]
