# Deep dream: normalized gradient ascent on an image, over several sizes.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(31)
t_input = tf.placeholder(tf.float32, [None, None, 3], name="input")
net = tf.expand_dims(t_input - 0.5, 0)
for i, channels in enumerate((4, 6)):
    w = tf.constant(rng.randn(3, 3, int(net.shape[-1]), channels) * 0.3, tf.float32)
    net = tf.nn.relu(tf.nn.conv2d(net, w, [1, 1, 1, 1], "SAME", name="layer%d" % i))
layer = tf.get_default_graph().get_tensor_by_name("layer1:0")
t_score = tf.reduce_mean(tf.square(layer[..., 2]))
t_grad = tf.gradients(t_score, t_input)[0]
size = tf.placeholder(tf.int32, [2])
resized = tf.image.resize_bilinear(tf.expand_dims(t_input, 0), size)[0]

image = rng.uniform(size=(10, 12, 3)).astype(np.float32)
with tf.Session() as sess:
    for octave in range(3):
        if octave > 0:
            image = sess.run(resized, {t_input: image, size: np.int32(np.float32(image.shape[:2]) * 1.4)})
        for step in range(4):
            g, score = sess.run([t_grad, t_score], {t_input: image})
            image += g / (g.std() + 1e-8) * 0.05
        print("octave", octave, image.shape, "score %.5f" % score)
