# Spoken words: spectrogram, mel scale and cepstra by tf.signal, then a small network.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(46)
tf.set_random_seed(46)
signals = tf.placeholder(tf.float32, [None, 1600])
labels = tf.placeholder(tf.int32, [None])
stfts = tf.signal.stft(signals, frame_length=256, frame_step=128, fft_length=256)
spectrograms = tf.abs(stfts)
mel = tf.signal.linear_to_mel_weight_matrix(16, 129, 8000.0, 80.0, 3800.0)
mel_spectrograms = tf.tensordot(spectrograms, mel, 1)
mel_spectrograms.set_shape(spectrograms.shape[:-1].concatenate(mel.shape[-1:]))
mfccs = tf.signal.mfccs_from_log_mel_spectrograms(tf.log(mel_spectrograms + 1e-6))[..., :8]
net = tf.expand_dims((mfccs - tf.reduce_mean(mfccs)) / 10.0, -1)
net = tf.nn.relu(tf.layers.conv2d(net, 4, (4, 3), padding="same"))
logits = tf.layers.dense(tf.layers.flatten(tf.layers.max_pooling2d(net, 2, 2)), 3)
loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
confusion = tf.confusion_matrix(labels, tf.argmax(logits, 1), num_classes=3)
time = np.arange(1600) / 8000.0
waves = np.stack([np.sin(2 * np.pi * f * time) + 0.1 * rng.randn(1600) for f in (300, 800, 2000) * 3])
feed = {signals: waves, labels: np.arange(9) % 3}
print(mfccs.shape, logits.shape)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("%.3f" % sess.run(mfccs, feed).mean())
    for i in range(9):
        value, _ = sess.run([loss, train], feed)
        if i % 4 == 0:
            print(i, "%.3f" % value)
    print("trace", int(np.trace(sess.run(confusion, feed))), "of", int(sess.run(confusion, feed).sum()))
