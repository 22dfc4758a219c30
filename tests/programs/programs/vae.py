# A variational autoencoder: the reparametrization trick and the evidence lower bound.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(24)
data = (rng.rand(64, 30) < np.where(np.arange(64)[:, None] % 2, 0.8, 0.2)).astype(np.float32)
tf.set_random_seed(24)


def xavier_init(size):
    return tf.random_normal(shape=size, stddev=1. / tf.sqrt(size[0] / 2.))


X = tf.placeholder(tf.float32, shape=[None, 30])
z = tf.placeholder(tf.float32, shape=[None, 2])
Q_W1, Q_b1 = tf.Variable(xavier_init([30, 16])), tf.Variable(tf.zeros(shape=[16]))
Q_mu, Q_mu_b = tf.Variable(xavier_init([16, 2])), tf.Variable(tf.zeros(shape=[2]))
Q_sigma, Q_sigma_b = tf.Variable(xavier_init([16, 2])), tf.Variable(tf.zeros(shape=[2]))
P_W1, P_b1 = tf.Variable(xavier_init([2, 16])), tf.Variable(tf.zeros(shape=[16]))
P_W2, P_b2 = tf.Variable(xavier_init([16, 30])), tf.Variable(tf.zeros(shape=[30]))


def Q(X):
    h = tf.nn.relu(tf.matmul(X, Q_W1) + Q_b1)
    return tf.matmul(h, Q_mu) + Q_mu_b, tf.matmul(h, Q_sigma) + Q_sigma_b


def P(z):
    h = tf.nn.relu(tf.matmul(z, P_W1) + P_b1)
    logits = tf.matmul(h, P_W2) + P_b2
    return tf.nn.sigmoid(logits), logits


z_mu, z_logvar = Q(X)
z_sample = z_mu + tf.exp(z_logvar / 2) * tf.random_normal(shape=tf.shape(z_mu))
_, logits = P(z_sample)
X_samples, _ = P(z)
recon = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=X), 1)
kl = 0.5 * tf.reduce_sum(tf.exp(z_logvar) + z_mu ** 2 - 1. - z_logvar, 1)
vae_loss = tf.reduce_mean(recon + kl)
solver = tf.train.AdamOptimizer(0.01).minimize(vae_loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for it in range(31):
    _, loss = sess.run([solver, vae_loss], feed_dict={X: data})
    if it % 10 == 0:
        print("Iter: %d loss %.3f" % (it, loss))
print(sess.run(X_samples, feed_dict={z: rng.randn(4, 2)}).shape)
