# WaveNet in small: causal dilated convolutions with gates, skips and mu-law codes.
import numpy as np
import tensorflow as tf

tf.set_random_seed(45)
channels = 16


def mu_law(audio):
    mu = tf.to_float(channels - 1)
    magnitude = tf.log1p(mu * tf.minimum(tf.abs(audio), 1.0)) / tf.log1p(mu)
    return tf.to_int32((tf.sign(audio) * magnitude + 1) / 2 * mu + 0.5)


def causal(x, filters, width, dilation, name):
    x = tf.pad(x, [[0, 0], [(width - 1) * dilation, 0], [0, 0]])
    w = tf.get_variable(name, [width, int(x.shape[2]), filters], initializer=tf.glorot_uniform_initializer())
    return tf.nn.convolution(x, w, "VALID", dilation_rate=[dilation])


audio = tf.placeholder(tf.float32, [2, 40])
codes = mu_law(audio)
net = causal(tf.one_hot(codes, channels), 6, 2, 1, "first")
skips = []
for i, dilation in enumerate((1, 2, 4)):
    with tf.variable_scope("layer%d" % i):
        gate = tf.tanh(causal(net, 6, 2, dilation, "filter")) * tf.sigmoid(causal(net, 6, 2, dilation, "gate"))
        skips.append(tf.layers.conv1d(gate, 8, 1, name="skip"))
        net = net + tf.layers.conv1d(gate, 6, 1, name="dense")
out = tf.layers.conv1d(tf.nn.relu(tf.add_n(skips)), channels, 1, name="out")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=codes[:, 1:], logits=out[:, :-1]))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
wave = np.sin(np.arange(40) * np.array([[0.4], [0.7]]))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(codes, {audio: wave})[0, :12].tolist(), out.shape)
    for i in range(13):
        value, _ = sess.run([loss, train], {audio: wave})
        if i % 4 == 0:
            print(i, "%.4f" % value)
    late = wave.copy()
    late[:, 30] = 0.9
    a, b = sess.run(out, {audio: wave}), sess.run(out, {audio: late})
    print("causal", np.abs(a - b)[:, :30].max() < 1e-5, np.abs(a - b)[:, 30:].max() > 1e-3)
