# word2vec: skip-grams with noise contrastive estimation.
import collections
import numpy as np
import tensorflow as tf

text = ("the quick brown fox jumps over the lazy dog the fox runs and the dog sleeps while the quick cat and the lazy "
        "cat look at the brown dog and the fox") .split()
count = collections.Counter(text).most_common()
dictionary = {word: i for i, (word, _) in enumerate(count)}
data = [dictionary[w] for w in text]
pairs = [(data[i], data[j]) for i in range(len(data)) for j in (i - 1, i + 1) if 0 <= j < len(data)]
vocabulary, size, num_sampled = len(dictionary), 8, 4

graph = tf.Graph()
with graph.as_default():
    tf.set_random_seed(9)
    inputs = tf.placeholder(tf.int32, shape=[None])
    labels = tf.placeholder(tf.int32, shape=[None, 1])
    embeddings = tf.Variable(tf.random_uniform([vocabulary, size], -1.0, 1.0))
    embed = tf.nn.embedding_lookup(embeddings, inputs)
    nce_weights = tf.Variable(tf.truncated_normal([vocabulary, size], stddev=1.0 / np.sqrt(size)))
    nce_biases = tf.Variable(tf.zeros([vocabulary]))
    loss = tf.reduce_mean(tf.nn.nce_loss(weights=nce_weights, biases=nce_biases, inputs=embed, labels=labels,
                                         num_sampled=num_sampled, num_classes=vocabulary))
    optimizer = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    similarity = tf.matmul(embeddings / norm, embeddings / norm, transpose_b=True)

with tf.Session(graph=graph) as sess:
    tf.global_variables_initializer().run()
    for step in range(40):
        batch = [pairs[(step * 8 + k) % len(pairs)] for k in range(8)]
        feed = {inputs: [a for a, _ in batch], labels: [[b] for _, b in batch]}
        _, value = sess.run([optimizer, loss], feed)
        if step % 10 == 0:
            print("step", step, "loss %.3f" % value)
    print("similarity", similarity.eval().shape, "diagonal %.3f" % similarity.eval().diagonal().mean())
