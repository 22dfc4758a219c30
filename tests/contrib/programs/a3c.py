"""Workers that train one policy from threads, with slim and an LSTM (Mnih et al., 2016)."""
import threading, numpy as np, tensorflow as tf, tensorflow.contrib.slim as slim
class Net:
    def __init__(self, scope, trainer):
        with tf.variable_scope(scope):
            self.inputs = tf.placeholder(shape=[None, 400], dtype=tf.float32)
            self.imageIn = tf.reshape(self.inputs, shape=[-1, 20, 20, 1])
            self.conv1 = slim.conv2d(activation_fn=tf.nn.elu, inputs=self.imageIn, num_outputs=8, kernel_size=[8,8], stride=[4,4], padding='VALID')
            self.conv2 = slim.conv2d(activation_fn=tf.nn.elu, inputs=self.conv1, num_outputs=16, kernel_size=[4,4], stride=[2,2], padding='VALID')
            hidden = slim.fully_connected(slim.flatten(self.conv2), 32, activation_fn=tf.nn.elu)
            lstm_cell = tf.contrib.rnn.BasicLSTMCell(16, state_is_tuple=True)
            out, _ = tf.nn.dynamic_rnn(lstm_cell, tf.expand_dims(hidden, [0]), dtype=tf.float32, time_major=False)
            rnn_out = tf.reshape(out, [-1, 16])
            self.policy = slim.fully_connected(rnn_out, 3, activation_fn=tf.nn.softmax, weights_initializer=tf.random_normal_initializer(stddev=0.01), biases_initializer=None)
            self.value = slim.fully_connected(rnn_out, 1, activation_fn=None, weights_initializer=tf.random_normal_initializer(), biases_initializer=None)
            if scope != 'global':
                self.actions = tf.placeholder(shape=[None], dtype=tf.int32)
                self.onehot = slim.one_hot_encoding(self.actions, 3) if hasattr(slim, 'one_hot_encoding') else tf.one_hot(self.actions, 3)
                self.adv = tf.placeholder(shape=[None], dtype=tf.float32)
                r = tf.reduce_sum(self.policy*self.onehot, [1])
                self.loss = -tf.reduce_sum(tf.log(r+1e-8)*self.adv) - 0.01*(-tf.reduce_sum(self.policy*tf.log(self.policy+1e-8))) + 0.5*tf.reduce_sum(tf.square(self.adv-tf.reshape(self.value,[-1])))
                lv = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope)
                g, _ = tf.clip_by_global_norm(tf.gradients(self.loss, lv), 40.0)
                self.apply = trainer.apply_gradients(zip(g, tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, 'global')))
tf.set_random_seed(0); np.random.seed(0)
trainer = tf.train.AdamOptimizer(1e-3)
master = Net('global', None); workers = [Net('worker_%d'%i, trainer) for i in range(3)]
coord = tf.train.Coordinator()
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    before = sess.run(slim.get_variables('global')[0])
    def work(w):
        r = np.random.RandomState(1)
        for _ in range(5): sess.run(w.apply, {w.inputs: r.rand(6,400), w.actions: r.randint(0,3,6), w.adv: r.randn(6)})
    ts = [threading.Thread(target=work, args=(w,)) for w in workers]
    [t.start() for t in ts]; coord.join(ts)
    print('moved', np.abs(sess.run(slim.get_variables('global')[0])-before).max() > 0, len(slim.get_variables('worker_1')))
