"""Programs of recurrent cells that are compared with TensorFlow's: outputs, states, gradients, variables, a training step."""
import numpy as np


def prepare(tf):
    tf.enable_control_flow_v2()


def _x(*shape, kind=np.float32):
    return np.random.RandomState(len(shape)).randn(*shape).astype(kind)


def _start(tf):
    """The same weights on both sides, whatever the number of ops made before."""
    return tf.variable_scope("s", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3))


def _names(tf):
    names = [v.name for v in tf.global_variables()] + [v.name for v in tf.trainable_variables()]
    return tf.constant(np.frombuffer("\n".join(names).encode(), np.uint8))


def _all(tf, *values):
    """Values, gradients of their sum by the variables, and the variables' names."""
    flat = tf.nest.flatten(values)
    loss = tf.add_n([tf.reduce_sum(tf.sin(v)) for v in flat])
    grads = [tf.convert_to_tensor(g) for g in tf.gradients(loss, tf.trainable_variables()) if g is not None]
    return [*flat, *grads, _names(tf)]


def program_cells(tf):
    cells = tf.nn.rnn_cell
    x = tf.constant(_x(5, 3))
    found = []
    with _start(tf):
        for cell in (cells.BasicRNNCell(4), cells.GRUCell(4), cells.BasicLSTMCell(4), cells.BasicLSTMCell(4, 0.5, name="other"),
                     cells.LSTMCell(4), cells.LSTMCell(4, True, 0.3, num_proj=2, proj_clip=0.1, name="projected"),
                     cells.LSTMCell(4, state_is_tuple=False, name="joined"), cells.GRUCell(2, tf.nn.relu, name="relu"),
                     cells.BasicRNNCell(2, "sigmoid", name="sigmoid")):
            _, state = cell(x, cell.zero_state(5, tf.float32))
            found.append(cell(x, state))
    return _all(tf, *found)


def program_stacks(tf):
    cells = tf.nn.rnn_cell
    x = tf.placeholder_with_default(_x(5, 3), [None, 3])
    with _start(tf):
        stack = cells.MultiRNNCell([cells.LSTMCell(3), cells.ResidualWrapper(cells.DeviceWrapper(cells.GRUCell(3), "/cpu:0"))])
        return _all(tf, stack(x, stack.zero_state(tf.shape(x)[0], tf.float32)))


def program_dropout(tf):
    cells = tf.nn.rnn_cell
    with _start(tf):
        cell = cells.DropoutWrapper(cells.LSTMCell(3), input_keep_prob=0.9, output_keep_prob=0.5, state_keep_prob=0.8, seed=3)
        stack = cells.MultiRNNCell([cell, cells.DropoutWrapper(cells.GRUCell(3), output_keep_prob=tf.constant(0.5), seed=1)])
        return _all(tf, stack(tf.constant(_x(5, 3)), stack.zero_state(5, tf.float32)))


def program_dynamic(tf):
    x = tf.placeholder_with_default(_x(5, 6, 3), [None, None, 3])
    with _start(tf):
        return _all(tf, tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), x, dtype=tf.float32))


def program_dynamic_with_lengths(tf):
    x = tf.placeholder_with_default(_x(5, 6, 3), [None, None, 3])
    n = tf.placeholder_with_default(np.array([6, 1, 0, 3, 4]), [None])
    with _start(tf):
        return _all(tf, tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(4), x, n, dtype=tf.float32))


def program_dynamic_time_major_float64(tf):
    x = tf.placeholder_with_default(_x(6, 5, 3, kind=np.float64), [6, 5, 3])
    cell = tf.nn.rnn_cell.LSTMCell(4, use_peepholes=True)
    with _start(tf):
        return _all(tf, tf.nn.dynamic_rnn(cell, x, [1, 2, 3, 4, 5], cell.zero_state(5, tf.float64), time_major=True, swap_memory=True,
                                          parallel_iterations=2, scope="mine"))


def program_dynamic_stack(tf):
    cells = tf.nn.rnn_cell
    x = tf.placeholder_with_default(_x(5, 6, 3), [None, 6, 3])
    stack = cells.MultiRNNCell([cells.LSTMCell(3), cells.GRUCell(2)])
    with _start(tf):
        return _all(tf, tf.nn.dynamic_rnn(stack, x, sequence_length=tf.constant([6, 1, 0, 3, 4]), dtype=tf.float32))


def program_bidirectional(tf):
    cells = tf.nn.rnn_cell
    x = tf.placeholder_with_default(_x(5, 6, 3), [None, 6, 3])
    with _start(tf):
        found = [tf.nn.bidirectional_dynamic_rnn(cells.GRUCell(4), cells.GRUCell(4), x, tf.constant([6, 1, 0, 3, 4]), dtype=tf.float32),
                 tf.nn.bidirectional_dynamic_rnn(cells.LSTMCell(4), cells.LSTMCell(4), x, dtype=tf.float32, scope="both")]
    return _all(tf, *found)


def program_static(tf):
    x = tf.unstack(tf.placeholder_with_default(_x(5, 3, 3), [None, 3, 3]), axis=1)
    cells = tf.nn.rnn_cell
    with _start(tf):
        found = [tf.nn.static_rnn(cells.BasicLSTMCell(4), x, dtype=tf.float32),
                 tf.nn.static_rnn(cells.GRUCell(4), x, dtype=tf.float32, sequence_length=tf.constant([3, 1, 0, 2, 2]), scope="lengths"),
                 tf.nn.static_bidirectional_rnn(cells.GRUCell(2), cells.GRUCell(2), x, dtype=tf.float32),
                 tf.nn.static_bidirectional_rnn(cells.GRUCell(2), cells.GRUCell(2), x, dtype=tf.float32, scope="both",
                                                sequence_length=tf.constant([3, 1, 0, 2, 2]))]
    return _all(tf, *found)


def program_training(tf):
    x = tf.constant(_x(8, 6, 3))
    y = tf.constant(np.arange(8) % 4)
    with _start(tf):
        outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(8), x, dtype=tf.float32)
        logits = tf.layers.dense(outputs[:, -1], 4)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    with tf.control_dependencies([loss]):
        step = tf.train.AdamOptimizer(0.05).minimize(loss)
    return [loss, step, _names(tf)]


def program_dropout_for_all_steps(tf):
    cells = tf.nn.rnn_cell
    x = tf.constant(_x(3, 5, 4))
    with _start(tf):
        one = cells.DropoutWrapper(cells.LSTMCell(3), 0.8, 0.7, 0.6, variational_recurrent=True, input_size=4, dtype=tf.float32, seed=9)
        two = cells.DropoutWrapper(cells.GRUCell(3, name="g"), output_keep_prob=0.5, state_keep_prob=tf.constant(0.5),
                                   variational_recurrent=True, dtype=tf.float32, seed=4)
        return _all(tf, tf.nn.dynamic_rnn(one, x, dtype=tf.float32), tf.nn.dynamic_rnn(two, x, dtype=tf.float32, scope="other"))


def program_dropout_of_chosen_states(tf):
    cells = tf.nn.rnn_cell

    def memory_too(part):
        return not (isinstance(part, tf.Tensor) and part.shape[-1] == 2)

    stack = cells.MultiRNNCell([cells.LSTMCell(3), cells.GRUCell(2)])
    with _start(tf):
        cell = cells.DropoutWrapper(stack, state_keep_prob=0.5, seed=2, dropout_state_filter_visitor=memory_too)
        return _all(tf, cell(tf.constant(_x(4, 3)), cell.zero_state(4, tf.float32)))


def program_raw_rnn(tf):
    x, lengths = tf.constant(_x(5, 3, 4)), tf.constant([5, 2, 4])
    cell = tf.nn.rnn_cell.LSTMCell(3)
    rows = tf.TensorArray(tf.float32, 5).unstack(x)

    def loop(time, output, state, loop_state):
        over = time >= lengths
        read = tf.cond(tf.reduce_all(over), lambda: tf.zeros([3, 4]), lambda: rows.read(time))
        if output is None:
            return over, read, cell.zero_state(3, tf.float32), (tf.zeros([2]), tf.zeros([3], tf.int32)), tf.constant(0.0)
        emitted = output[:, :2] * 2, tf.fill([3, 3], time)
        return over, read, state, emitted, loop_state + tf.reduce_sum(output)

    with _start(tf):
        (first, second), state, total = tf.nn.raw_rnn(cell, loop)
    return _all(tf, first.stack(), tf.cast(second.stack(), tf.float32), *state, total)


def program_raw_rnn_of_the_cells_own_output(tf):
    cell = tf.nn.rnn_cell.GRUCell(3)

    def loop(time, output, state, loop_state):
        start = cell.zero_state(2, tf.float32) if output is None else state
        return tf.fill([2], time >= 4), tf.ones([2, 3]) if output is None else output, start, output, None

    with _start(tf):
        emitted, state, nothing = tf.nn.raw_rnn(cell, loop)
    assert nothing is None
    return _all(tf, emitted.stack(), state)


def program_state_saving(tf):
    class Saver:
        def __init__(self):
            self.kept = {name: tf.get_variable(name, initializer=_x(2, 3), trainable=False) for name in "ch"}

        def state(self, name):
            return self.kept[name] + 0

        def save_state(self, name, value):
            return self.kept[name].assign(value)

    with _start(tf):
        saver = Saver()
        outputs, state = tf.nn.static_state_saving_rnn(tf.nn.rnn_cell.LSTMCell(3), [tf.constant(_x(2, 4))] * 3, saver,
                                                       tf.nn.rnn_cell.LSTMStateTuple("c", "h"), sequence_length=[3, 1])
    return _all(tf, outputs, state)
