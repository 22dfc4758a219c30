# A student learns from a teacher's softened answers; moving averages of its weights are evaluated.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(77)
tf.set_random_seed(77)
x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int32, [None])
temperature = 3.0


def net(size, name):
    with tf.variable_scope(name):
        return tf.layers.dense(tf.layers.dense(x, size, tf.nn.relu), 3)


teacher, student = net(16, "teacher"), net(4, "student")
teacher_loss = tf.losses.sparse_softmax_cross_entropy(y, teacher)
teacher_train = tf.train.AdamOptimizer(0.02).minimize(teacher_loss, var_list=tf.trainable_variables("teacher"))
soft = tf.stop_gradient(tf.nn.softmax(teacher / temperature))
hard = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=student)
distilled = tf.nn.softmax_cross_entropy_with_logits_v2(labels=soft, logits=student / temperature)
student_loss = tf.reduce_mean(0.3 * hard + 0.7 * temperature ** 2 * distilled)
ema = tf.train.ExponentialMovingAverage(0.9)
student_vars = tf.trainable_variables("student")
step = tf.train.AdamOptimizer(0.02).minimize(student_loss, var_list=student_vars)
with tf.control_dependencies([step]):
    student_train = ema.apply(student_vars)
data = rng.randn(30, 6)
feed = {x: data, y: data[:, :3].argmax(1)}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(21):
        a, _ = sess.run([teacher_loss, teacher_train], feed)
    for i in range(21):
        b, _ = sess.run([student_loss, student_train], feed)
        if i % 10 == 0:
            print(i, "teacher %.4f student %.4f" % (a, b))
    print(sorted(ema.variables_to_restore())[-2:], "%.4f" % np.abs(sess.run(ema.average(student_vars[0]))).mean())
