"""Initial values computed from other variables, in scopes, by functions and branches; a moving average. With control flow v2."""


def build(tf):
    v = tf.Variable(tf.random_uniform([2]), name="v", use_resource=False)
    with tf.name_scope("ns"):
        w = tf.Variable(v * 2.0, name="w", use_resource=False)
        v.initialized_value()
    with tf.variable_scope("vs"):
        tf.get_variable("sum", initializer=v + w, use_resource=False)
    with tf.variable_scope("vs"):
        tf.get_variable("same", initializer=v.initialized_value(), use_resource=False)
        tf.get_variable("made", initializer=lambda: v.initialized_value() + 1.0, use_resource=False)
        tf.get_variable("read", initializer=lambda: v + v.read_value(), use_resource=False)
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.Variable(tf.cond(x[0] > 0.0, lambda: v + 1.0, lambda: x), name="chosen", use_resource=False)
    tf.Variable(tf.while_loop(lambda i: tf.reduce_sum(i) < 3.0, lambda i: i + v, [x]), name="counted", use_resource=False)
    tf.Variable(v * tf.Variable(1.0, name="r", use_resource=True), name="resource", use_resource=True)
    tf.train.ExponentialMovingAverage(0.9).apply([v])
