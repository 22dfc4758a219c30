# The Mandelbrot set: complex numbers, variables, groups.
import numpy as np
import tensorflow as tf

sess = tf.InteractiveSession()
Y, X = np.mgrid[-1.3:1.3:0.1, -2:1:0.1]
Z = X + 1j * Y
xs = tf.constant(Z.astype(np.complex64))
zs = tf.Variable(xs)
ns = tf.Variable(tf.zeros_like(xs, tf.float32))
tf.global_variables_initializer().run()
zs_ = zs * zs + xs
not_diverged = tf.abs(zs_) < 4
step = tf.group(zs.assign(zs_), ns.assign_add(tf.cast(not_diverged, tf.float32)))
with np.errstate(all="ignore"):
    for i in range(40):
        step.run()
counts = ns.eval()
print(counts.shape, int((counts == 40).sum()), int(np.median(counts)))
for row in counts[::6]:
    print("".join(" .:*#"[min(int(v) // 9, 4)] for v in row))
sess.close()
