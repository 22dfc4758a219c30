"""Constants, variables, placeholders and sessions: the short programs of a TensorFlow workshop's slides.

Run it with `graphflow run examples/basics.py`.
"""

import tensorflow as tf

# A tensor is a place in a graph, not yet a number.
a = tf.add(3,5)
print(a)

sess = tf.Session()
print(sess.run(a))
sess.close()

with tf.Session() as sess:
    print(sess.run(a))

# (x + y) ** (x * y)
x = 2
y = 3
op1 = tf.add(x, y)
op2 = tf.multiply(x, y)
op3 = tf.pow(op1, op2)
with tf.Session() as sess:
    op3 = sess.run(op3)
print(op3)    # added: the slides compute it without showing it

# Variables
W1 = tf.ones((2,2))
W2 = tf.Variable(tf.zeros((2,2)), name="weights")
with tf.Session() as sess:
    print(sess.run(W1))
    sess.run(tf.global_variables_initializer())
    print(sess.run(W2))

my_var = tf.get_variable("my_var", [1,2,3])
my_int_variable = tf.get_variable("my_int_variable", [1, 2, 3], dtype=tf.int32, initializer=tf.zeros_initializer)
other_variable = tf.get_variable("other_variable", dtype=tf.int32, initializer=tf.constant([23, 42]))

# added: the slides make these three and do not look at them
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(my_var).shape, sess.run(my_int_variable), sess.run(other_variable))

# Assigning
state = tf.Variable(0, name="counter")
new_value = tf.add(state, tf.constant(1))
update = tf.assign(state, new_value)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(sess.run(state))
    for _ in range(3):
        sess.run(update)
        print(sess.run(state))

# Fetching several tensors
input1 = tf.constant(3.0)
input2 = tf.constant(2.0)
input3 = tf.constant(5.0)
intermed = tf.add(input2, input3)
mul = tf.multiply(input1, intermed)
with tf.Session() as sess:
    result = sess.run([mul, intermed])
    print(result)

# Feeding
input1 = tf.placeholder(tf.float32)
input2 = tf.placeholder(tf.float32)
output = tf.multiply(input1, input2)
with tf.Session() as sess:
    print(sess.run([output], feed_dict={input1:[7.], input2:[2.]}))
