# BERT in miniature: masked words, gelu, weight decay in an optimizer of its own class, warmup.
import re
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(41)
tf.set_random_seed(41)
V, T, D = 12, 6, 8


def gelu(x):
    return x * 0.5 * (1.0 + tf.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * tf.pow(x, 3))))


class AdamWeightDecayOptimizer(tf.train.Optimizer):
    def __init__(self, rate, decay=0.01, name="AdamWeightDecayOptimizer"):
        super(AdamWeightDecayOptimizer, self).__init__(False, name)
        self.rate, self.decay = rate, decay

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        assignments = []
        for grad, param in grads_and_vars:
            if grad is None:
                continue
            name = re.match("^(.*):\\d+$", param.name).group(1)
            m = tf.get_variable(name + "/adam_m", param.shape.as_list(), trainable=False, initializer=tf.zeros_initializer())
            v = tf.get_variable(name + "/adam_v", param.shape.as_list(), trainable=False, initializer=tf.zeros_initializer())
            next_m = tf.multiply(0.9, m) + tf.multiply(0.1, grad)
            next_v = tf.multiply(0.999, v) + tf.multiply(0.001, tf.square(grad))
            update = next_m / (tf.sqrt(next_v) + 1e-6)
            if "bias" not in name:
                update += self.decay * param
            assignments.extend([param.assign(param - self.rate * update), m.assign(next_m), v.assign(next_v)])
        return tf.group(*assignments, name=name)


ids, positions = tf.placeholder(tf.int32, [None, T]), tf.placeholder(tf.int32, [None])
labels = tf.placeholder(tf.int32, [None])
table = tf.get_variable("word_embeddings", [V, D], initializer=tf.truncated_normal_initializer(stddev=0.2))
net = tf.nn.embedding_lookup(table, ids) + tf.get_variable("position", [T, D], initializer=tf.truncated_normal_initializer(stddev=0.2))
q, k, v = (tf.layers.dense(net, D, name=n, kernel_initializer=tf.truncated_normal_initializer(stddev=0.2)) for n in ("query", "key", "value"))
net += tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / np.sqrt(D).astype(np.float32)), v)
net = tf.layers.dense(net, D, activation=gelu, name="intermediate")
flat = tf.gather(tf.reshape(net, [-1, D]), tf.range(0, tf.shape(ids)[0]) * T + positions)
logits = tf.nn.bias_add(tf.matmul(flat, table, transpose_b=True), tf.get_variable("output_bias", [V], initializer=tf.zeros_initializer()))
per_example = -tf.reduce_sum(tf.nn.log_softmax(logits, axis=-1) * tf.one_hot(labels, V), -1)
loss = tf.reduce_mean(per_example)
step = tf.train.get_or_create_global_step()
rate = tf.train.polynomial_decay(0.05, step, 30, end_learning_rate=0.0)
rate = tf.where(tf.cast(step, tf.int32) < 5, 0.05 * tf.cast(step, tf.float32) / 5, rate)
tvars = tf.trainable_variables()
grads, _ = tf.clip_by_global_norm(tf.gradients(loss, tvars), clip_norm=1.0)
with tf.control_dependencies([AdamWeightDecayOptimizer(rate).apply_gradients(zip(grads, tvars))]):
    train = step.assign_add(1)
text = rng.randint(1, V, (10, T))
masked, where = text.copy(), rng.randint(0, T, 10)
masked[np.arange(10), where] = 0
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        value, _ = sess.run([loss, train], {ids: masked, positions: where, labels: text[np.arange(10), where]})
        if i % 5 == 0:
            print(i, "%.4f" % value)
    print(len(tvars), len(tf.global_variables()))
