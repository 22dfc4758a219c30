"""A baseline beside a linear classifier with weights of examples and named classes; what numpy arrays give as columns."""
import tempfile

import numpy as np
import tensorflow as tf

r = np.random.RandomState(0)
x = r.rand(300, 3).astype("float32")
labels = np.where(x[:, 0] > 0.6, "high", "low").astype(object)
features = {"x": x, "weight": np.ones(300, "float32")}
train = tf.estimator.inputs.numpy_input_fn(features, labels, batch_size=50, num_epochs=20, shuffle=False)
test = tf.estimator.inputs.numpy_input_fn(features, labels, batch_size=50, num_epochs=1, shuffle=False)
options = {"label_vocabulary": ["low", "high"], "weight_column": "weight"}
baseline = tf.estimator.BaselineClassifier(tempfile.mkdtemp(), **options)
linear = tf.estimator.LinearClassifier([tf.feature_column.numeric_column("x", shape=3)], tempfile.mkdtemp(), **options)
for name, model in (("baseline", baseline), ("linear", linear)):
    result = model.train(train).evaluate(test)
    first = next(model.predict(test))
    print("%s accuracy: %.3f label mean: %.3f" % (name, result["accuracy"], result["label/mean"]), first["classes"])
