"""Solves y = ax + b for a and b by gradient descent, four ways.

"A Very Basic Primer on Tensorflow", newhouseb, 2017. Run it with `graphflow run examples/primer.py`.
"""

# Pure Python

a = -1.55
b = 0.68
x = 2
y = 3

def cost(a, b, x, y):
    return (a * x + b - y)**2

for i in range(100):
    # Compute the new a and b
    a_ = a - 0.01 * 2 * x * (a * x + b - y)
    b_ = b - 0.01 * 2 * (a * x + b - y)

    # Swap them in at once so they don't interfere with one another
    a = a_
    b = b_

    # Print status every 10 iterations
    if i % 10 == 0:
        print("step:", i, "cost:", cost(a, b, x, y), "a:", a, "b:", b)

print("y:", y, "result:", a*x + b)

# Tensorflow with basic arithmetic

import tensorflow as tf

# You would traditionally want to use tf.random_normal([1]) rather than a hardcoded constant.
a = tf.Variable(-1.55, name="a")
b = tf.Variable(0.68, name="b")
x = tf.placeholder(tf.float32, name="x")
y = tf.placeholder(tf.float32, name="y")

# We'll feed this in as inputs and outputs when actually running
to_solve = {x: 2, y: 3}

# This is only used to compute the end result, not in training
y_ = a * x + b

# Cost using a tf convenience function
cost = tf.square(a * x + b - y)

# Variables need to be initialized as part of a global operation at the start
init = tf.global_variables_initializer()

# Gradient descent with manually derived gradients
a_ = a - 0.01 * 2 * x * (a * x + b - y)
b_ = b - 0.01 * 2 * (a * x + b - y)

# Swap in the new values on each step
step = tf.group(a.assign(a_), b.assign(b_))

# Kick off a session
with tf.Session() as sess:
    # If there were any random values they would be initialized here
    sess.run(init)

    # Run 100 steps
    for i in range(100):
        sess.run(step, feed_dict=to_solve)

        # Print status every 10 steps
        if i % 10 == 0:
            print("step", i, "cost:", sess.run(cost, feed_dict=to_solve), "a:", sess.run(a), "b:", sess.run(b))

    # See how close we got
    print("y:", 3, "result:", sess.run(y_, feed_dict=to_solve))

# Tensorflow with automatic differentiation

# Tensorflow automatically computes the gradients!
derr_da, derr_db = tf.gradients(cost, [a, b], name="gradient")

# We still specify the update equations for gradient descent
a_ = a - derr_da * 0.01
b_ = b - derr_db * 0.01

# Swap in the new values on each step
step = tf.group(a.assign(a_), b.assign(b_))

# Run another session as before
with tf.Session() as sess:
    sess.run(init)
    for i in range(100):
        sess.run(step, feed_dict=to_solve)
        if i % 10 == 0:
            print("step", i, "err:", sess.run(cost, feed_dict=to_solve), "a:", sess.run(a), "b:", sess.run(b))
    print("y:", 3, "result:", sess.run(y_, feed_dict=to_solve))

# Tensorflow with fully abstracted optimization

# Initialize a magical optimizer with a learning rate of 0.01 as before
optimizer = tf.train.GradientDescentOptimizer(0.01)
train = optimizer.minimize(cost)

# Run another session as before
with tf.Session() as sess:
    sess.run(init)
    for i in range(100):
        sess.run(train, feed_dict=to_solve)
        if i % 10 == 0:
            print("step", i, "err:", sess.run(cost, feed_dict=to_solve), "a:", sess.run(a), "b:", sess.run(b))
    print("y:", 3, "result:", sess.run(y_, feed_dict=to_solve))
