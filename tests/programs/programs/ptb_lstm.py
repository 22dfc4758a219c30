# A language model of unrolled LSTM cells in one scope: truncated backpropagation, learning rate assigned.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(35)
tf.set_random_seed(35)
raw = rng.randint(0, 15, 200)
batch_size, num_steps, size, vocab = 4, 5, 8, 15


class PTBModel(object):
    def __init__(self, is_training):
        self.input = tf.placeholder(tf.int32, [batch_size, num_steps])
        self.targets = tf.placeholder(tf.int32, [batch_size, num_steps])
        cell = tf.nn.rnn_cell.BasicLSTMCell(size, forget_bias=0.0, state_is_tuple=True)
        self.initial_state = state = cell.zero_state(batch_size, tf.float32)
        inputs = tf.nn.embedding_lookup(tf.get_variable("embedding", [vocab, size]), self.input)
        outputs = []
        with tf.variable_scope("RNN"):
            for t in range(num_steps):
                if t > 0:
                    tf.get_variable_scope().reuse_variables()
                output, state = cell(inputs[:, t, :], state)
                outputs.append(output)
        output = tf.reshape(tf.concat(outputs, 1), [-1, size])
        logits = tf.nn.xw_plus_b(output, tf.get_variable("softmax_w", [size, vocab]), tf.get_variable("softmax_b", [vocab]))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(self.targets, [-1]), logits=logits)
        self.cost, self.final_state = tf.reduce_sum(losses) / batch_size, state
        if is_training:
            self.lr = tf.Variable(0.0, trainable=False)
            tvars = tf.trainable_variables()
            grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), 5)
            self.train_op = tf.train.GradientDescentOptimizer(self.lr).apply_gradients(zip(grads, tvars))
            self.new_lr = tf.placeholder(tf.float32, shape=[])
            self.lr_update = tf.assign(self.lr, self.new_lr)


initializer = tf.random_uniform_initializer(-0.1, 0.1)
with tf.variable_scope("Model", reuse=None, initializer=initializer):
    m = PTBModel(True)
with tf.variable_scope("Model", reuse=True, initializer=initializer):
    valid = PTBModel(False)
rows = raw.reshape(batch_size, -1)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch, rate in enumerate((1.0, 1.0, 0.5)):
        sess.run(m.lr_update, {m.new_lr: rate})
        for model, op in ((m, m.train_op), (valid, tf.no_op())):
            costs, state = 0.0, sess.run(model.initial_state)
            for i in range(9):
                x, y = rows[:, i * 5:i * 5 + 5], rows[:, i * 5 + 1:i * 5 + 6]
                feed = {model.input: x, model.targets: y, model.initial_state.c: state.c, model.initial_state.h: state.h}
                cost, state, _ = sess.run([model.cost, model.final_state, op], feed)
                costs += cost
            print(epoch, "rate %.1f perplexity %.3f" % (rate, np.exp(costs / 45)))
