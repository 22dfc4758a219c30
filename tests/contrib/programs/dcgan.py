"""A DCGAN on digits with tf.contrib.layers, after programs of its time (Radford et al., 2015)."""
import tensorflow as tf
import numpy as np
import tensorflow.contrib.layers as tcl
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets('MNIST_data')
tf.set_random_seed(0); np.random.seed(0)
bs = 32
def lrelu(x, leak=0.2): return tf.maximum(x, leak*x)
def discriminator(x, reuse=False):
    with tf.variable_scope('discriminator') as scope:
        if reuse: scope.reuse_variables()
        d = tcl.conv2d(tf.reshape(x, [-1,28,28,1]), num_outputs=16, kernel_size=4, stride=2, activation_fn=lrelu, padding='SAME', weights_initializer=tf.random_normal_initializer(0, 0.02))
        d = tcl.conv2d(d, num_outputs=32, kernel_size=4, stride=2, activation_fn=lrelu, normalizer_fn=tcl.batch_norm, normalizer_params={'is_training':True,'updates_collections':None,'scale':True})
        d = tcl.flatten(d)
        return tcl.fully_connected(d, 1, activation_fn=None)
def generator(z):
    with tf.variable_scope('generator'):
        g = tcl.fully_connected(z, 7*7*32, activation_fn=tf.nn.relu, normalizer_fn=tcl.batch_norm)
        g = tf.reshape(g, (-1,7,7,32))
        g = tcl.conv2d_transpose(g, 16, 4, stride=2, activation_fn=tf.nn.relu, normalizer_fn=tcl.batch_norm, padding='SAME')
        g = tcl.conv2d_transpose(g, 1, 4, stride=2, activation_fn=tf.nn.sigmoid, padding='SAME')
        return tf.reshape(g, [-1, 784])
X = tf.placeholder(tf.float32, [None, 784]); Z = tf.placeholder(tf.float32, [None, 20])
G = generator(Z); Dr = discriminator(X); Df = discriminator(G, reuse=True)
dl = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=Dr, labels=tf.ones_like(Dr))) + tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=Df, labels=tf.zeros_like(Df)))
gl = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=Df, labels=tf.ones_like(Df)))
gv = tf.contrib.framework.get_trainable_variables('generator'); dv = [v for v in tf.trainable_variables() if v.name.startswith('disc')]
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    dop = tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(dl, var_list=dv)
    gop = tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(gl, var_list=gv)
with tf.Session() as s:
    s.run(tf.global_variables_initializer())
    for i in range(30):
        b, _ = mnist.train.next_batch(bs); z = np.random.uniform(-1,1,[bs,20])
        _, a = s.run([dop, dl], {X:b, Z:z}); _, c = s.run([gop, gl], {Z:z})
        if i % 10 == 9: print(i, a, c)
