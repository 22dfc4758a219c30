# word2vec: a continuous bag of words with sampled softmax.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
data = rng.randint(0, 20, 400)
vocabulary, size, window = 20, 6, 2
tf.set_random_seed(10)
train_inputs = tf.placeholder(tf.int32, shape=[16, 2 * window])
train_labels = tf.placeholder(tf.int64, shape=[16, 1])
embeddings = tf.get_variable("embeddings", [vocabulary, size], initializer=tf.random_uniform_initializer(-1.0, 1.0))
context = tf.reduce_mean(tf.nn.embedding_lookup(embeddings, train_inputs), 1)
softmax_w = tf.get_variable("softmax_w", [vocabulary, size], initializer=tf.truncated_normal_initializer(stddev=0.3))
softmax_b = tf.get_variable("softmax_b", [vocabulary], initializer=tf.zeros_initializer())
loss = tf.reduce_mean(tf.nn.sampled_softmax_loss(softmax_w, softmax_b, train_labels, context, 6, vocabulary))
full = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
    labels=tf.squeeze(train_labels, 1), logits=tf.matmul(context, softmax_w, transpose_b=True) + softmax_b))
with tf.control_dependencies([full]):    # of the weights before the step
    train = tf.train.AdagradOptimizer(0.5).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(30):
        places = rng.randint(window, len(data) - window, 16)
        around = np.stack([data[places + k] for k in (-2, -1, 1, 2)], 1)
        feed = {train_inputs: around, train_labels: data[places][:, None]}
        sampled, whole, _ = sess.run([loss, full, train], feed)
        if step % 10 == 0:
            print(step, "sampled %.3f full %.3f" % (sampled, whole))
    print([v.op.name for v in tf.trainable_variables()], context.get_shape())
