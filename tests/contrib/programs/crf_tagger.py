"""A linear chain of tags over random features, with tf.contrib.crf."""
import numpy as np
import tensorflow as tf
num_examples, num_words, num_features, num_tags = 10, 20, 100, 5
np.random.seed(0); tf.set_random_seed(0)
x = np.random.rand(num_examples, num_words, num_features).astype(np.float32)
y = np.random.randint(num_tags, size=[num_examples, num_words]).astype(np.int32)
sequence_lengths = np.full(num_examples, num_words - 1, dtype=np.int32)
with tf.Graph().as_default():
  with tf.Session() as session:
    x_t = tf.constant(x); y_t = tf.constant(y); sequence_lengths_t = tf.constant(sequence_lengths)
    weights = tf.get_variable("weights", [num_features, num_tags])
    matricized_x_t = tf.reshape(x_t, [-1, num_features])
    matricized_unary_scores = tf.matmul(matricized_x_t, weights)
    unary_scores = tf.reshape(matricized_unary_scores, [num_examples, num_words, num_tags])
    log_likelihood, transition_params = tf.contrib.crf.crf_log_likelihood(unary_scores, y_t, sequence_lengths_t)
    viterbi_sequence, viterbi_score = tf.contrib.crf.crf_decode(unary_scores, transition_params, sequence_lengths_t)
    loss = tf.reduce_mean(-log_likelihood)
    train_op = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    session.run(tf.global_variables_initializer())
    mask = (np.expand_dims(np.arange(num_words), axis=0) < np.expand_dims(sequence_lengths, axis=1))
    total_labels = np.sum(sequence_lengths)
    for i in range(300):
      tf_viterbi_sequence, _ , l= session.run([viterbi_sequence, train_op, loss])
      if i % 100 == 0:
        correct_labels = np.sum((y == tf_viterbi_sequence) * mask)
        print("Accuracy: %.2f%%" % (100.0 * correct_labels / float(total_labels)), l)
