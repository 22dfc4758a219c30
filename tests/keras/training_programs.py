"""Programs that train: their curves, what they print, and the weights in the end."""
import numpy as np

from tests.keras.weights import data, fill, labels


def small(tf, outputs=3, activation="softmax"):
    L = tf.keras.layers
    return fill(tf.keras.Sequential([L.Dense(6, activation="relu", input_shape=(4,)), L.Dense(outputs, activation=activation)]))


def trained(model, *args, **kwargs):
    history = model.fit(*args, **{"verbose": 0, "epochs": 3, "batch_size": 8, "shuffle": False, **kwargs})
    return history.history, model.get_weights()


def program_line(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(units=1, input_shape=[1], kernel_initializer=tf.keras.initializers.Constant(0.3))])
    model.compile(optimizer="sgd", loss="mean_squared_error")
    xs, ys = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]), np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])
    model.fit(xs, ys, epochs=500, verbose=0, shuffle=False)
    return model.predict([10.0])


def program_bars_and_lines(tf):
    model = small(tf)
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(40, 4), labels(40, 3)
    model.fit(x, y, batch_size=40, verbose=1, epochs=2)
    model.fit(x, y, batch_size=40, verbose=2, epochs=2, validation_split=0.5, shuffle=False)
    model.fit(x, y, batch_size=40, verbose=1, epochs=1, validation_data=(x, y))
    return model.metrics_names, model.evaluate(x, y, verbose=0)


def _optimizer(tf, make):
    model = small(tf)
    model.compile(make(tf.keras.optimizers), "sparse_categorical_crossentropy", metrics=["acc"])
    found = trained(model, data(40, 4), labels(40, 3))
    return found, [w.name for w in model.optimizer.weights], model.optimizer.get_weights(), model.optimizer.get_config()


def program_sgd(tf):
    return (_optimizer(tf, lambda o: o.SGD(0.1)), _optimizer(tf, lambda o: o.SGD(lr=0.1, momentum=0.9, nesterov=True, decay=1e-2)),
            _optimizer(tf, lambda o: o.SGD(0.1, momentum=0.5, clipnorm=0.5)), _optimizer(tf, lambda o: o.SGD(0.1, clipvalue=0.1)))


def program_rmsprop(tf):
    return (_optimizer(tf, lambda o: o.RMSprop()), _optimizer(tf, lambda o: o.RMSprop(0.01, momentum=0.5)),
            _optimizer(tf, lambda o: o.RMSprop(0.01, centered=True)), _optimizer(tf, lambda o: o.RMSprop(0.01, momentum=0.2,
                                                                                                         centered=True)))


def program_adams(tf):
    return (_optimizer(tf, lambda o: o.Adam(0.01)), _optimizer(tf, lambda o: o.Adam(0.01, amsgrad=True)),
            _optimizer(tf, lambda o: o.Adamax(0.01)), _optimizer(tf, lambda o: o.Nadam(0.01)))


def program_adagrad_adadelta_ftrl(tf):
    return (_optimizer(tf, lambda o: o.Adagrad(0.1)), _optimizer(tf, lambda o: o.Adadelta(1.0)), _optimizer(tf, lambda o: o.Ftrl(0.1)),
            _optimizer(tf, lambda o: o.Ftrl(0.1, l1_regularization_strength=0.01, l2_shrinkage_regularization_strength=0.01)))


def program_schedule(tf):
    schedules = tf.keras.optimizers.schedules
    return [trained_with(tf, schedule) for schedule in (schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True),
                                                       schedules.PiecewiseConstantDecay([4, 8], [0.1, 0.05, 0.01]),
                                                       schedules.PolynomialDecay(0.1, 10, 0.01, power=2.0),
                                                       schedules.InverseTimeDecay(0.1, 2, 0.5))]


def trained_with(tf, schedule):
    model = small(tf)
    model.compile(tf.keras.optimizers.SGD(schedule), "sparse_categorical_crossentropy")
    return trained(model, data(40, 4), labels(40, 3)), model.optimizer.get_config()


def program_optimizer_of_tf_train(tf):
    model = small(tf)
    model.compile(tf.train.AdamOptimizer(0.01), "sparse_categorical_crossentropy")
    return trained(model, data(40, 4), labels(40, 3))


def program_losses(tf):
    found = {}
    for loss in ("mse", "mae", "mape", "msle", "squared_hinge", "hinge", "categorical_hinge", "logcosh", "categorical_crossentropy",
                 "binary_crossentropy", "kullback_leibler_divergence", "poisson", "cosine_similarity"):
        model = small(tf, activation="softmax" if loss == "categorical_crossentropy" else "sigmoid")
        model.compile("sgd", loss)
        found[loss] = trained(model, data(16, 4), np.eye(3)[labels(16, 3)], epochs=2)
    for make in (tf.keras.losses.Huber(), tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
                 tf.keras.losses.BinaryCrossentropy(from_logits=True), tf.keras.losses.MeanSquaredError(reduction="sum")):
        model = small(tf, activation=None)
        model.compile("sgd", make)
        found[type(make).__name__] = trained(model, data(16, 4), np.eye(3)[labels(16, 3)], epochs=2)
    return found


def program_metrics(tf):
    M = tf.keras.metrics
    model = small(tf)
    model.compile("sgd", "categorical_crossentropy", metrics=[
        "accuracy", "mse", "categorical_crossentropy", M.Precision(), M.Recall(name="found"), M.AUC(), M.TopKCategoricalAccuracy(k=2),
        M.TruePositives(), M.CosineSimilarity(), tf.keras.metrics.mean_absolute_error, M.MeanIoU(3)])
    return model.metrics_names, trained(model, data(20, 4), np.eye(3)[labels(20, 3)])


def program_binary(tf):
    model = small(tf, 1, "sigmoid")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return trained(model, data(24, 4), labels(24, 2))


def program_weights_of_samples_and_classes(tf):
    x, y = data(24, 4), labels(24, 3)
    found = []
    for arguments in ({"sample_weight": np.arange(24) / 10.0}, {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}},
                      {"sample_weight": np.arange(24) / 10.0, "validation_split": 0.25}):
        model = small(tf)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
        found.append((trained(model, x, y, **arguments), model.metrics_names))
    return found, model.evaluate(x, y, sample_weight=np.arange(24) / 5.0, verbose=0)


def program_several_outputs(tf):
    L = tf.keras.layers
    a, b = L.Input((4,), name="a"), L.Input((3,), name="b")
    hidden = L.Dense(5, activation="tanh", kernel_regularizer="l2")(a)
    model = fill(tf.keras.Model([a, b], [L.Dense(2, name="p", activity_regularizer="l2")(hidden), L.Dense(1, name="q")(b)]))
    model.compile("sgd", {"p": "mse", "q": "mae"}, metrics={"p": ["mae"], "q": "mse"}, loss_weights={"p": 1.0, "q": 0.3})
    x, y = {"a": data(20, 4), "b": data(20, 3)}, {"p": data(20, 2, seed=1), "q": data(20, 1, seed=2)}
    history, weights = trained(model, x, y, validation_split=0.2)
    return history, weights, model.metrics_names, model.evaluate(x, y, verbose=0), model.predict(x), len(model.losses)


def program_single_batches(tf):
    model = small(tf)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(8, 4), labels(8, 3)
    return ([model.train_on_batch(x, y) for _ in range(3)], model.test_on_batch(x, y), model.predict_on_batch(x),
            [model.train_on_batch(x, y, reset_metrics=False) for _ in range(2)], model.train_on_batch(x, y, class_weight={0: 1, 1: 2,
                                                                                                                          2: 3}))


def program_generators(tf):
    x, y = data(40, 4), labels(40, 3)

    class Batches(tf.keras.utils.Sequence):
        def __len__(self):
            return 5

        def __getitem__(self, i):
            return x[8 * i:8 * i + 8], y[8 * i:8 * i + 8]

    def endless():
        while True:
            for i in range(5):
                yield x[8 * i:8 * i + 8], y[8 * i:8 * i + 8]

    found = []
    for source, steps in ((Batches(), None), (endless(), 5), (endless(), 3)):
        model = small(tf)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(source, steps_per_epoch=steps, epochs=2, verbose=0, shuffle=False, validation_data=(x, y))
        found.append((history.history, model.get_weights(), model.evaluate(Batches(), verbose=0), model.predict(Batches())))
    return found


def program_callbacks(tf):
    C = tf.keras.callbacks
    x, y = data(40, 4), labels(40, 3)
    found = []
    log = []
    for callbacks in ([C.EarlyStopping("loss", patience=1, min_delta=0.5, verbose=1, restore_best_weights=True)],
                      [C.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1), verbose=1)],
                      [C.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1.0, verbose=1)],
                      [C.TerminateOnNaN(), C.LambdaCallback(on_epoch_end=lambda epoch, logs: log.append((epoch, sorted(logs))),
                                                            on_batch_begin=lambda batch, logs: log.append((batch, logs.get("size"))))]):
        model = small(tf)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        found.append(trained(model, x, y, epochs=5, callbacks=callbacks))
    return found, log
