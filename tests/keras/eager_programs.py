"""Programs of TensorFlow 2: models called on values, loops of one's own, fit as it is there."""
import os
import tempfile

import numpy as np

from tests.keras.weights import data, fill, labels


def small(tf, outputs=3, activation="softmax"):
    L = tf.keras.layers
    return fill(tf.keras.Sequential([L.Dense(6, activation="relu", input_shape=(4,)), L.Dense(outputs, activation=activation)]))


def numbers(x):
    """Arrays for tensors and variables, in lists and dicts."""
    if isinstance(x, dict):
        return {k: numbers(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [numbers(v) for v in x]
    return x.numpy() if hasattr(x, "numpy") else x


def program_fit_evaluate_predict(tf):
    model = small(tf)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(40, 4), labels(40, 3)
    history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, shuffle=False, validation_split=0.2)
    return (history.history, model.evaluate(x, y, verbose=0), model.predict(x[:3], verbose=0), model.metrics_names,
            numbers(model.trainable_variables), [w.name for w in model.weights])


def program_layers_called_on_values(tf):
    L = tf.keras.layers
    x, images = tf.constant(data(3, 4)), tf.constant(data(2, 6, 6, 2))
    found = []
    for layer, inputs in ((L.Dense(3, activation="tanh"), x), (L.Conv2D(2, 3, padding="same"), images), (L.MaxPooling2D(), images),
                          (L.Flatten(), images), (L.LayerNormalization(), x), (L.PReLU(), x), (L.SeparableConv2D(3, 3), images)):
        layer(inputs)
        if layer.weights:
            fill(layer)
        out = layer(inputs)
        found.append((out.numpy(), out.dtype.name, [w.name for w in layer.weights], layer.name))
    return found


def program_arrays_of_float64(tf):
    out = fill(tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))]))(np.ones((2, 3)))
    layer = tf.keras.layers.Dense(2)
    layer(np.ones((2, 3)))
    return out.dtype.name, out.numpy(), layer.dtype, layer.kernel.dtype.name


def _step(tf, model, optimizer, x, y, loss):
    with tf.GradientTape() as tape:
        value = loss(y, model(x, training=True))
        value += tf.add_n(model.losses) if model.losses else 0.0
    optimizer.apply_gradients(zip(tape.gradient(value, model.trainable_variables), model.trainable_variables))
    return value


def program_loops_of_ones_own(tf):
    o, x, y = getattr(tf.keras.optimizers, "legacy", tf.keras.optimizers), data(8, 4), labels(8, 3)
    found = []
    for optimizer in (o.SGD(0.1), o.SGD(0.1, momentum=0.9, nesterov=True), o.RMSprop(0.01), o.Adam(0.01), o.Adamax(0.01), o.Nadam(0.01),
                      o.Adagrad(0.1), o.Adadelta(1.0), o.Ftrl(0.1), o.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
                      o.Adam(0.01, amsgrad=True), o.SGD(0.1, clipnorm=0.1)):
        model = small(tf)
        loss = tf.keras.losses.SparseCategoricalCrossentropy()
        losses = [_step(tf, model, optimizer, x, y, loss).numpy() for _ in range(4)]
        found.append((losses, numbers(model.weights), optimizer.iterations.numpy()))
    return found


def program_loops_in_functions(tf):
    model, optimizer, loss = small(tf), tf.keras.optimizers.Adam(0.01), tf.keras.losses.SparseCategoricalCrossentropy()
    mean, accuracy = tf.keras.metrics.Mean(), tf.keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            predictions = model(x, training=True)
            value = loss(y, predictions)
        optimizer.apply_gradients(zip(tape.gradient(value, model.trainable_variables), model.trainable_variables))
        mean.update_state(value)
        accuracy.update_state(y, predictions)
        return value

    batches = tf.data.Dataset.from_tensor_slices((data(40, 4), labels(40, 3))).batch(8)
    found = []
    for _ in range(3):
        for x, y in batches:
            step(x, y)
        found.append((mean.result().numpy(), accuracy.result().numpy()))
        mean.reset_states()
        accuracy.reset_states()
    return found, numbers(model.weights)


def program_class_with_a_call(tf):
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.first = tf.keras.layers.Dense(5, activation="relu", kernel_regularizer="l2")
            self.norm = tf.keras.layers.BatchNormalization()
            self.drop = tf.keras.layers.Dropout(0.5)
            self.last = tf.keras.layers.Dense(2)

        def call(self, x, training=False):
            return self.last(self.drop(self.norm(self.first(x), training=training), training=training))

    net = Net()
    before = len(net.weights) if net.built else None
    net(data(4, 3))
    fill(net)
    test = net(data(4, 3)).numpy()
    moving = [w.numpy() for w in net.weights if "moving" in w.name]
    net(data(4, 3), training=True)
    return (before, test, moving, [w.numpy() for w in net.weights if "moving" in w.name], [w.name for w in net.weights],
            [w.name for w in net.trainable_weights], numbers(net.losses), net.count_params())


def program_class_fitted(tf):
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.last = tf.keras.layers.Dense(5, activation="relu"), tf.keras.layers.Dense(1)

        def call(self, x):
            return self.last(self.first(x))

    net = Net()
    net(data(4, 3))
    fill(net)
    net.compile("sgd", "mse", metrics=["mae"])
    x, y = data(20, 3), data(20, 1, seed=1)
    history = net.fit(x, y, batch_size=6, epochs=2, verbose=0, shuffle=False)
    return history.history, net.predict(x, verbose=0), net.evaluate(x, y, verbose=0)


def program_losses_of_layers(tf):
    class Own(tf.keras.layers.Layer):
        def build(self, shape):
            self.w = self.add_weight("w", (shape[-1], 2), initializer="ones", regularizer=tf.keras.regularizers.l1(0.1))

        def call(self, x):
            y = tf.matmul(x, self.w)
            self.add_loss(tf.reduce_mean(tf.square(y)))
            return y

    layer = Own()
    found = []
    for n in (1.0, 2.0):
        layer(tf.ones((2, 3)) * n)
        found.append(numbers(layer.losses))
    model = tf.keras.Sequential([Own(), tf.keras.layers.Dense(1, activity_regularizer="l2", kernel_initializer="ones")])
    x = tf.constant(data(4, 3))
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(model(x)) + sum(model.losses)
    found.append((value.numpy(), numbers(model.losses), numbers(tape.gradient(value, model.trainable_variables))))
    model.compile("sgd", "mse")
    found.append(model.fit(data(8, 3), data(8, 1), batch_size=4, epochs=2, verbose=0, shuffle=False).history)
    return found


def program_graphs_of_layers(tf):
    L = tf.keras.layers
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((4,), name="b")
    shared = L.Dense(3, activation="tanh", name="shared")
    joined = L.Concatenate()([shared(a), shared(b) * 2.0 + 1.0])
    inner = tf.keras.Sequential([L.Dense(4, activation="relu"), L.Dense(2)], name="inner")
    model = fill(tf.keras.Model([a, b], [inner(joined), tf.reduce_mean(joined, axis=1, keepdims=True)]))
    x = [tf.constant(data(5, 4)), tf.constant(data(5, 4, seed=1))]
    return (numbers(model(x)), model.predict(numbers(x), verbose=0),
            numbers(tf.keras.Model(model.input, model.get_layer("shared").get_output_at(1))(x)), len(model.layers))


def program_recurrent_layers(tf):
    L = tf.keras.layers
    x = tf.constant(data(3, 5, 4))
    found = []
    for layer in (L.SimpleRNN(3), L.LSTM(3), L.GRU(3), L.LSTM(3, return_sequences=True, return_state=True), L.GRU(3, reset_after=False),
                  L.Bidirectional(L.LSTM(2, return_sequences=True)), L.TimeDistributed(L.Dense(2)), L.RNN([L.LSTMCell(2), L.GRUCell(3)]),
                  L.LSTM(3, go_backwards=True), L.LSTM(2, unroll=True)):
        layer(x)
        fill(layer)
        with tf.GradientTape() as tape:
            out = layer(x)
            value = tf.add_n([tf.reduce_sum(tf.square(o)) for o in tf.nest.flatten(out)])
        found.append((numbers(out), numbers(tape.gradient(value, layer.trainable_weights)), [w.name for w in layer.weights]))
    return found


def program_states_of_layers(tf):
    layer = tf.keras.layers.LSTM(3, stateful=True, batch_input_shape=(2, 4, 3))
    x = tf.constant(data(2, 4, 3))
    layer(x)
    fill(layer)
    layer.reset_states()
    found = [layer(x).numpy(), layer(x).numpy(), numbers(layer.states)]
    layer.reset_states()
    return [*found, layer(x).numpy()]


def program_masks(tf):
    L = tf.keras.layers
    ids = tf.constant([[1, 2, 0, 0], [3, 1, 2, 0]])
    embedding, lstm = L.Embedding(5, 3, mask_zero=True), L.LSTM(2)
    lstm(embedding(ids))
    fill(embedding)
    fill(lstm)
    masking = L.Masking(0.0)
    x = tf.constant(np.array([[[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [3.0, 4.0]]], "float32"))
    model = fill(tf.keras.Sequential([L.Embedding(5, 3, mask_zero=True, input_length=4), L.LSTM(2, return_sequences=True), L.Dense(1)]))
    return (embedding.compute_mask(ids).numpy(), lstm(embedding(ids)).numpy(), masking(x)._keras_mask.numpy(),
            L.SimpleRNN(2, kernel_initializer="ones", recurrent_initializer="ones")(masking(x)).numpy(), model(ids).numpy())


def program_metrics_on_values(tf):
    m = tf.keras.metrics
    y, p = np.array([[0], [1], [1], [0], [1]]), np.array([[0.1], [0.8], [0.3], [0.6], [0.9]], "float32")
    classes, rows = labels(6, 3), np.abs(data(6, 3))
    found = {}
    for metric in (m.Mean(), m.Sum(), m.BinaryAccuracy(), m.AUC(num_thresholds=11), m.Precision(), m.Recall(0.7), m.TruePositives(),
                   m.FalseNegatives([0.2, 0.7]), m.MeanSquaredError(), m.MeanAbsoluteError(), m.BinaryCrossentropy(), m.Hinge(),
                   m.SensitivityAtSpecificity(0.5), m.KLDivergence(), m.Poisson(), m.LogCoshError(), m.RootMeanSquaredError(),
                   m.CosineSimilarity()):
        for _ in range(2):
            metric.update_state(*((p,) if type(metric).__name__ in ("Mean", "Sum") else (y, p)))
        found[type(metric).__name__] = metric.result().numpy()
        metric.reset_states()
        metric(*((p,) if type(metric).__name__ in ("Mean", "Sum") else (y, p)),
               sample_weight=np.array([1.0, 2.0, 0.0, 1.0, 1.0], "float32"))
        found[type(metric).__name__ + "_weighted"] = metric.result().numpy()
    for metric in (m.SparseCategoricalAccuracy(), m.SparseTopKCategoricalAccuracy(2), m.SparseCategoricalCrossentropy()):
        found[metric.name] = metric(classes, rows / rows.sum(1, keepdims=True)).numpy()
    iou = m.MeanIoU(3)
    iou.update_state(classes, labels(6, 3, seed=1))
    found["iou"] = iou.result().numpy()
    return found


def program_losses_on_values(tf):
    k = tf.keras.losses
    y, p = np.abs(data(4, 3)), np.abs(data(4, 3, seed=1))
    y, p = y / y.sum(1, keepdims=True), p / p.sum(1, keepdims=True)
    weights = np.array([1.0, 0.0, 2.0, 0.5], "float32")
    found = {}
    for loss in (k.MeanSquaredError(), k.MeanAbsoluteError(), k.MeanAbsolutePercentageError(), k.MeanSquaredLogarithmicError(),
                 k.BinaryCrossentropy(), k.CategoricalCrossentropy(), k.CategoricalHinge(), k.Hinge(), k.SquaredHinge(), k.KLDivergence(),
                 k.Poisson(), k.LogCosh(), k.Huber(0.2), k.CosineSimilarity(), k.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
                 k.MeanSquaredError(reduction="sum"), k.MeanSquaredError(reduction="none")):
        found[f"{type(loss).__name__} {len(found)}"] = numbers([loss(y, p), loss(y, p, sample_weight=weights)])
    found["sparse"] = k.SparseCategoricalCrossentropy(from_logits=True)(labels(4, 3), data(4, 3)).numpy()
    found["functions"] = numbers([k.sparse_categorical_crossentropy(labels(4, 3), p), k.mse(y, p), k.binary_crossentropy(y, p)])
    return found


def program_datasets(tf):
    model = small(tf)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    batches = tf.data.Dataset.from_tensor_slices((data(20, 4), labels(20, 3))).batch(6)
    history = model.fit(batches, epochs=2, verbose=0, validation_data=batches)
    more = model.fit(batches.repeat(), epochs=2, steps_per_epoch=3, verbose=0)
    rows = tf.data.Dataset.from_tensor_slices(data(5, 4)).batch(2)
    return (history.history, more.history, model.evaluate(batches, verbose=0), model.predict(rows, verbose=0),
            model.predict(tf.constant(data(2, 4)), verbose=0))


def program_tensors_as_data(tf):
    model = small(tf)
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = tf.constant(data(20, 4)), tf.constant(labels(20, 3))
    history = model.fit(x, y, batch_size=10, epochs=2, verbose=0, shuffle=False)
    return history.history, model.evaluate(x, y, verbose=0), model.train_on_batch(x, y), model.predict_on_batch(x)[:2]


def program_train_step(tf):
    class Net(tf.keras.Model):
        def train_step(self, pair):
            x, y = pair
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = tf.reduce_mean(tf.square(y - y_pred))
            self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
            seen.update_state(loss)
            return {"loss": loss, "seen": seen.result()}

        @property
        def metrics(self):
            return [seen]

    seen = tf.keras.metrics.Mean(name="seen")
    inputs = tf.keras.Input((3,))
    net = fill(Net(inputs, tf.keras.layers.Dense(1)(inputs)))
    net.compile(tf.keras.optimizers.SGD(0.1))
    x, y = data(20, 3), data(20, 1, seed=1)
    history = net.fit(x, y, batch_size=5, epochs=3, verbose=0, shuffle=False)
    return history.history, numbers(net.weights)


def program_run_eagerly(tf):
    calls = []

    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.last = tf.keras.layers.Dense(1)

        def call(self, x):
            calls.append(float(tf.reduce_sum(x)))
            return self.last(x)

    net = Net()
    net(data(2, 3))
    fill(net)
    net.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    history = net.fit(data(6, 3), data(6, 1), batch_size=3, epochs=2, verbose=0, shuffle=False)
    return history.history, calls, net.predict(data(2, 3), verbose=0), net.evaluate(data(6, 3), data(6, 1), verbose=0)


def program_weights_in_files(tf):
    with tempfile.TemporaryDirectory() as folder:
        model, twin = small(tf), small(tf)
        fill(twin, seed=5)
        model.save_weights(os.path.join(folder, "w.h5"))
        twin.load_weights(os.path.join(folder, "w.h5"))
        first = numbers(twin.weights)
        fill(twin, seed=6)
        model.save_weights(os.path.join(folder, "ckpt"))
        twin.load_weights(os.path.join(folder, "ckpt"))
        model.compile("adam", "mse")
        model.fit(data(6, 4), data(6, 3), verbose=0, shuffle=False)
        model.save(os.path.join(folder, "m.h5"))
        again = tf.keras.models.load_model(os.path.join(folder, "m.h5"))
        again.fit(data(6, 4), data(6, 3), verbose=0, shuffle=False)
        model.fit(data(6, 4), data(6, 3), verbose=0, shuffle=False)
    return first, numbers(twin.weights), numbers(again.weights), numbers(model.weights)


def program_callbacks(tf):
    model = small(tf)
    model.compile(tf.keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    seen = []
    K = tf.keras.callbacks
    history = model.fit(data(20, 4), labels(20, 3), epochs=4, batch_size=10, verbose=0, shuffle=False, callbacks=[
        K.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), K.EarlyStopping("loss", patience=10),
        K.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, sorted(logs))))])
    return history.history, [(e, [k for k in names if k != "lr"]) for e, names in seen], model.optimizer.lr.numpy()


def program_copies(tf):
    model = small(tf)
    twin = tf.keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    again = tf.keras.Sequential.from_config(model.get_config())
    json = tf.keras.models.model_from_json(model.to_json())
    return twin(data(2, 4)).numpy(), [len(m.weights) for m in (again, json)], model.get_weights()


def program_variables_of_layers(tf):
    class Own(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(tf.ones((3, 2)), name="w")
            self.steps = tf.Variable(0, trainable=False)
            self.more = [tf.Variable(1.0), {"a": tf.Variable(2.0)}]

        def call(self, x):
            self.steps.assign_add(1)
            return tf.matmul(x, self.w)

    layer = Own()
    layer(tf.ones((1, 3)))
    return (len(layer.trainable_variables), len(layer.non_trainable_variables), layer.steps.numpy(), layer.built,
            layer(tf.ones((2, 3))).numpy())
