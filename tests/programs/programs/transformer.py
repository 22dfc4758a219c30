# The transformer in small: masked multi-head attention, positions, layer normalization by hand.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(40)
tf.set_random_seed(40)
D, heads, T, V = 8, 2, 6, 10


def positions(length, size):
    angle = np.arange(length)[:, None] / np.power(10000, 2 * (np.arange(size)[None] // 2) / size)
    angle[:, 0::2], angle[:, 1::2] = np.sin(angle[:, 0::2]), np.cos(angle[:, 1::2])
    return tf.constant(angle, tf.float32)


def normalize(x, scope):
    with tf.variable_scope(scope):
        mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
        gamma = tf.get_variable("gamma", [D], initializer=tf.ones_initializer())
        return gamma * (x - mean) * tf.rsqrt(variance + 1e-8) + tf.get_variable("beta", [D], initializer=tf.zeros_initializer())


def attention(x, mask, scope):
    with tf.variable_scope(scope):
        q, k, v = (tf.layers.dense(x, D, use_bias=False, name=n) for n in "qkv")
        split = lambda a: tf.concat(tf.split(a, heads, axis=2), axis=0)
        scores = tf.matmul(split(q), split(k), transpose_b=True) / (D / heads) ** 0.5
        scores = tf.where(tf.tile(tf.expand_dims(mask, 0), [tf.shape(scores)[0], 1, 1]) > 0, scores, tf.fill(tf.shape(scores), -1e9))
        out = tf.matmul(tf.nn.softmax(scores), split(v))
        return normalize(x + tf.concat(tf.split(out, heads, axis=0), axis=2), "ln")


x = tf.placeholder(tf.int32, [None, T])
y = tf.placeholder(tf.int32, [None, T])
embedding = tf.get_variable("embedding", [V, D], initializer=tf.glorot_uniform_initializer())
net = tf.nn.embedding_lookup(embedding, x) * D ** 0.5 + positions(T, D)
mask = tf.matrix_band_part(tf.ones([T, T]), -1, 0)
for layer in range(2):
    with tf.variable_scope("layer%d" % layer):
        net = attention(net, mask, "attention")
        hidden = tf.layers.dense(net, 16, activation=tf.nn.relu, name="ff1")
        net = normalize(net + tf.layers.dense(hidden, D, name="ff2"), "ff_ln")
logits = tf.einsum("ntd,vd->ntv", net, embedding)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=0.9 * tf.one_hot(y, V) + 0.1 / V))
step = tf.train.get_or_create_global_step()
rate = D ** -0.5 * tf.minimum(tf.cast(step + 1, tf.float32) * 10 ** -1.5, tf.rsqrt(tf.cast(step + 1, tf.float32)))
train = tf.train.AdamOptimizer(rate * 0.1, beta2=0.98, epsilon=1e-9).minimize(loss, global_step=step)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    data = rng.randint(0, V, (8, T + 1))
    for i in range(12):
        value, used, _ = sess.run([loss, rate, train], {x: data[:, :-1], y: data[:, 1:]})
        if i % 4 == 0:
            print(i, "loss %.4f rate %.4f" % (value, used))
