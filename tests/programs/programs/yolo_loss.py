# The loss of YOLO: boxes, objectness and classes on a grid.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(33)
S, B, C, N = 4, 2, 3, 2
predict = tf.placeholder(tf.float32, [N, S, S, C + B * 5])
labels = tf.placeholder(tf.float32, [N, S, S, 5 + C])


def iou(a, b):
    a = tf.stack([a[..., 0] - a[..., 2] / 2, a[..., 1] - a[..., 3] / 2, a[..., 0] + a[..., 2] / 2, a[..., 1] + a[..., 3] / 2], axis=-1)
    b = tf.stack([b[..., 0] - b[..., 2] / 2, b[..., 1] - b[..., 3] / 2, b[..., 0] + b[..., 2] / 2, b[..., 1] + b[..., 3] / 2], axis=-1)
    size = tf.maximum(0.0, tf.minimum(a[..., 2:], b[..., 2:]) - tf.maximum(a[..., :2], b[..., :2]))
    inter = size[..., 0] * size[..., 1]
    area = lambda x: (x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1])
    return tf.clip_by_value(inter / tf.maximum(area(a) + area(b) - inter, 1e-10), 0.0, 1.0)


classes, scales = predict[..., :C], predict[..., C:C + B]
boxes = tf.reshape(predict[..., C + B:], [N, S, S, B, 4])
response = tf.reshape(labels[..., 0], [N, S, S, 1])
truth = tf.tile(tf.reshape(labels[..., 1:5], [N, S, S, 1, 4]), [1, 1, 1, B, 1])
offset = np.tile(np.arange(S, dtype=np.float32)[None, None, :, None], (N, S, 1, B))
moved = tf.stack([(boxes[..., 0] + offset) / S, (boxes[..., 1] + np.transpose(offset, (0, 2, 1, 3))) / S,
                  tf.square(boxes[..., 2]), tf.square(boxes[..., 3])], axis=-1)
overlap = iou(moved, truth)
mask = tf.cast(overlap >= tf.reduce_max(overlap, 3, keep_dims=True), tf.float32) * response
class_loss = tf.reduce_mean(tf.reduce_sum(tf.square(response * (classes - labels[..., 5:])), [1, 2, 3]))
object_loss = tf.reduce_mean(tf.reduce_sum(tf.square(mask * (scales - overlap)), [1, 2, 3]))
empty_loss = 0.5 * tf.reduce_mean(tf.reduce_sum(tf.square((1 - mask) * scales), [1, 2, 3]))
coordinates = tf.square(tf.expand_dims(mask, 4) * (moved - truth))
total = class_loss + object_loss + empty_loss + 5 * tf.reduce_mean(tf.reduce_sum(coordinates, [1, 2, 3, 4]))
grad = tf.gradients(total, predict)[0]
kept = tf.image.non_max_suppression(tf.reshape(moved, [-1, 4]), tf.reshape(scales, [-1]), 5, iou_threshold=0.4)
with tf.Session() as sess:
    feed = {predict: rng.rand(N, S, S, 13), labels: np.concatenate([rng.randint(0, 2, (N, S, S, 1)), rng.rand(N, S, S, 7)], -1)}
    print(["%.4f" % v for v in sess.run([class_loss, object_loss, empty_loss, total], feed)])
    print(sess.run(grad, feed).shape, "%.4f" % np.abs(sess.run(grad, feed)).sum(), len(sess.run(kept, feed)))
