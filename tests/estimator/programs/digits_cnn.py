"""After the tutorial of layers: an estimator of one's own with convolutions, numpy input, a hook that logs."""
import numpy as np
import tensorflow as tf


def digits(seed, count):
    """Bars at four angles, with noise."""
    r = np.random.RandomState(seed)
    labels = r.randint(0, 4, count)
    images = r.rand(count, 12, 12).astype(np.float32) * 0.5
    for image, label in zip(images, labels):
        for k in range(12):
            row, column = [(6, k), (k, 6), (k, k), (k, 11 - k)][label]
            image[row, column] += 1
    return images.reshape(count, -1), labels.astype(np.int32)


def cnn_model_fn(features, labels, mode):
    layer = tf.reshape(features["x"], [-1, 12, 12, 1])
    conv1 = tf.layers.conv2d(inputs=layer, filters=8, kernel_size=[5, 5], padding="same", activation=tf.nn.relu)
    pool1 = tf.layers.max_pooling2d(inputs=conv1, pool_size=[2, 2], strides=2)
    dense = tf.layers.dense(inputs=tf.reshape(pool1, [-1, 6 * 6 * 8]), units=32, activation=tf.nn.relu)
    dropout = tf.layers.dropout(inputs=dense, rate=0.4, training=mode == tf.estimator.ModeKeys.TRAIN)
    logits = tf.layers.dense(inputs=dropout, units=4)
    predictions = {"classes": tf.argmax(input=logits, axis=1), "probabilities": tf.nn.softmax(logits, name="softmax_tensor")}
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode=mode, predictions=predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
    if mode == tf.estimator.ModeKeys.TRAIN:
        train_op = tf.train.AdamOptimizer(0.01).minimize(loss=loss, global_step=tf.train.get_global_step())
        return tf.estimator.EstimatorSpec(mode=mode, loss=loss, train_op=train_op)
    eval_metric_ops = {"accuracy": tf.metrics.accuracy(labels=labels, predictions=predictions["classes"])}
    return tf.estimator.EstimatorSpec(mode=mode, loss=loss, eval_metric_ops=eval_metric_ops)


def main(unused_argv):
    train_data, train_labels = digits(0, 400)
    eval_data, eval_labels = digits(1, 100)
    classifier = tf.estimator.Estimator(model_fn=cnn_model_fn, config=tf.estimator.RunConfig(tf_random_seed=4))
    logging_hook = tf.train.LoggingTensorHook(tensors={"probabilities": "softmax_tensor"}, every_n_iter=50)
    train_input_fn = tf.estimator.inputs.numpy_input_fn(x={"x": train_data}, y=train_labels, batch_size=40, num_epochs=None, shuffle=True)
    classifier.train(input_fn=train_input_fn, steps=60, hooks=[logging_hook])
    eval_input_fn = tf.estimator.inputs.numpy_input_fn(x={"x": eval_data}, y=eval_labels, num_epochs=1, shuffle=False)
    print("accuracy: %.3f" % classifier.evaluate(input_fn=eval_input_fn)["accuracy"])


if __name__ == "__main__":
    tf.app.run()
