"""Programs as tutorials of the time write them, in graph mode: built, trained, looked into, saved."""
import os
import shutil
import tempfile

import numpy as np

from tests.keras.weights import data, fill, labels


def program_classify_clothes(tf):
    """A first classifier: fit, evaluate, predictions, and a second model with a softmax behind it."""
    keras = tf.keras
    model = keras.Sequential([keras.layers.Flatten(input_shape=(6, 6)), keras.layers.Dense(16, activation=tf.nn.relu),
                              keras.layers.Dense(4, activation=tf.nn.softmax)])
    fill(model, scale=0.3)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(40, 6, 6), labels(40, 4)
    history = model.fit(x, y, epochs=3, batch_size=10, verbose=2)
    probability = keras.Sequential([model, keras.layers.Softmax()])
    probability.summary()
    return history.history, model.evaluate(x, y, verbose=0), np.argmax(model.predict(x), 1), probability.predict(x[:2])


def program_classify_texts(tf):
    """Numbers of words, padded; a mean over embeddings; validation data; the history's keys."""
    keras = tf.keras
    texts = [[1, 4, 5], [2, 2], [7, 1, 3, 5, 6], [8], [3, 4], [6, 6, 6]] * 4
    x = keras.preprocessing.sequence.pad_sequences(texts, value=0, padding="post", maxlen=5)
    y = np.array([0, 1, 1, 0, 1, 0] * 4)
    model = keras.Sequential()
    model.add(keras.layers.Embedding(9, 4, input_length=5))
    model.add(keras.layers.GlobalAveragePooling1D())
    model.add(keras.layers.Dense(4, activation="tanh"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.summary()
    fill(model)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["acc"])
    history = model.fit(x[8:], y[8:], epochs=4, batch_size=8, validation_data=(x[:8], y[:8]), verbose=1)
    return history.history, sorted(history.history), model.evaluate(x, y, verbose=0)


def program_predict_prices(tf):
    """A regression with normalised columns, a dot per epoch, and an end where validation gets no better."""
    keras = tf.keras

    class PrintDot(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch % 10 == 0:
                print("")
            print(".", end="")

    x = data(30, 5)
    y = x @ [1.0, -2.0, 0.5, 0.0, 3.0] + 1.0
    model = keras.Sequential([keras.layers.Dense(8, activation="relu", input_shape=[5]), keras.layers.Dense(1)])
    fill(model)
    model.compile(loss="mse", optimizer=keras.optimizers.RMSprop(0.01), metrics=["mae", "mse"])
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2)
    history = model.fit(x, y, epochs=30, validation_split=0.2, verbose=0, callbacks=[stop, PrintDot()])
    loss, mae, mse = model.evaluate(x, y, verbose=0)
    return history.history, history.epoch, (loss, mae, mse), model.predict(x[:4]).flatten()


def program_keep_the_best(tf):
    """Checkpoints of the best epoch, weights back, the whole model in a file."""
    keras, folder = tf.keras, tempfile.mkdtemp()

    def create():
        model = keras.models.Sequential([keras.layers.Dense(6, activation="relu", input_shape=(4,)), keras.layers.Dense(3,
                                                                                                                     activation="softmax")])
        model.compile(optimizer="adam", loss=keras.losses.sparse_categorical_crossentropy, metrics=["accuracy"])
        return model

    x, y, path = data(20, 4), labels(20, 3), os.path.join(folder, "best.h5")
    model = fill(create())
    keep = keras.callbacks.ModelCheckpoint(path, monitor="val_loss", save_best_only=True, save_weights_only=True, verbose=0)
    history = model.fit(x, y, epochs=4, validation_data=(x[:6], y[:6]), callbacks=[keep], verbose=0)
    other = fill(create(), seed=1)
    before = other.evaluate(x, y, verbose=0)
    other.load_weights(path)
    after = other.evaluate(x, y, verbose=0)
    whole = os.path.join(folder, "model.h5")
    model.save(whole)
    new = keras.models.load_model(whole)
    found = new.evaluate(x, y, verbose=0), new.fit(x, y, epochs=1, verbose=0, shuffle=False).history
    shutil.rmtree(folder)
    return history.history, before, after, found


def program_several_inputs_and_outputs(tf):
    """Tickets: texts and tags in, priority and department out."""
    keras = tf.keras
    title, body, tags = keras.Input((None,), name="title"), keras.Input((None,), name="body"), keras.Input((3,), name="tags")
    title_features = keras.layers.LSTM(4)(keras.layers.Embedding(10, 5)(title))
    body_features = keras.layers.LSTM(3)(keras.layers.Embedding(10, 5)(body))
    x = keras.layers.concatenate([title_features, body_features, tags])
    priority = keras.layers.Dense(1, activation="sigmoid", name="priority")(x)
    department = keras.layers.Dense(4, activation="softmax", name="department")(x)
    model = keras.Model(inputs=[title, body, tags], outputs=[priority, department])
    model.summary()
    fill(model)
    losses = {"priority": "binary_crossentropy", "department": "categorical_crossentropy"}
    model.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss=losses, loss_weights=[1.0, 0.2])
    inputs = {"title": labels(8 * 4, 10).reshape(8, 4), "body": labels(8 * 6, 10, 1).reshape(8, 6), "tags": data(8, 3)}
    targets = {"priority": labels(8, 2).astype("float32"), "department": np.eye(4)[labels(8, 4)]}
    history = model.fit(inputs, targets, epochs=2, batch_size=4, verbose=0, shuffle=False)
    return history.history, model.predict(inputs), model.evaluate(inputs, targets, verbose=0)


def program_toy_resnet(tf):
    keras, layers = tf.keras, tf.keras.layers
    inputs = keras.Input(shape=(10, 10, 3), name="img")
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    block_1 = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(4, 3, activation="relu", padding="same")(block_1)
    x = layers.Conv2D(4, 3, activation="relu", padding="same")(x)
    block_2 = layers.add([x, block_1])
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(block_2))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Dropout(0.5)(x)), name="toy_resnet")
    model.summary()
    fill(model, scale=0.3)
    features = keras.Model(model.input, model.get_layer("add").output)
    copy = keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    x = data(2, 10, 10, 3)
    return model.predict(x), features.predict(x).shape, np.abs(copy.predict(x) - model.predict(x)).max() < 1e-6


def program_autoencoder(tf):
    """A denoising autoencoder in one model, its encoder as another."""
    layers, Model = tf.keras.layers, tf.keras.models.Model
    image = layers.Input(shape=(8, 8, 1))
    x = layers.MaxPooling2D((2, 2), padding="same")(layers.Conv2D(4, (3, 3), activation="relu", padding="same")(image))
    encoded = layers.MaxPooling2D((2, 2), padding="same", name="encoder")(layers.Conv2D(2, (3, 3), activation="relu", padding="same")(x))
    x = layers.UpSampling2D((2, 2))(layers.Conv2D(2, (3, 3), activation="relu", padding="same")(encoded))
    x = layers.UpSampling2D((2, 2))(layers.Conv2D(4, (3, 3), activation="relu", padding="same")(x))
    decoded = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(x)
    auto, encoder = Model(image, decoded), Model(image, encoded)
    fill(auto, scale=0.3)
    auto.compile(optimizer="sgd", loss="binary_crossentropy")
    clean = (data(12, 8, 8, 1) > 0).astype("float32")
    noisy = np.clip(clean + 0.3 * data(12, 8, 8, 1, seed=1), 0.0, 1.0)
    history = auto.fit(noisy, clean, epochs=3, batch_size=4, shuffle=True, validation_data=(noisy[:4], clean[:4]), verbose=0)
    return history.history, encoder.predict(noisy[:2]), auto.predict(noisy[:1])


def program_translate(tf):
    """An encoder and a decoder with states, then the two as models that write one word after the other."""
    layers, Model = tf.keras.layers, tf.keras.Model
    source = layers.Input(shape=(None, 5))
    encoder = layers.LSTM(4, return_state=True)
    _, h, c = encoder(source)
    target = layers.Input(shape=(None, 6))
    decoder, dense = layers.LSTM(4, return_sequences=True, return_state=True), layers.Dense(6, activation="softmax")
    decoded, _, _ = decoder(target, initial_state=[h, c])
    model = Model([source, target], dense(decoded))
    fill(model)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    x, y = np.eye(5)[labels(6 * 3, 5).reshape(6, 3)], np.eye(6)[labels(6 * 4, 6).reshape(6, 4)]
    history = model.fit([x, y], np.roll(y, -1, 1), batch_size=3, epochs=2, validation_split=0.34, verbose=0, shuffle=False)
    reader = Model(source, [h, c])
    given = [layers.Input(shape=(4,)), layers.Input(shape=(4,))]
    out, *states = decoder(target, initial_state=given)
    writer = Model([target, *given], [dense(out), *states])
    values, word, written = reader.predict(x[:1]), np.eye(6)[[[0]]], []
    for _ in range(4):
        scores, *values = writer.predict([word, *values])
        written.append(int(np.argmax(scores[0, -1])))
        word = np.eye(6)[[[written[-1]]]]
    return history.history, written, scores


def program_losses_and_metrics_of_ones_own(tf):
    """Functions as loss and metric, a callback that keeps losses, a rate by epoch, weights by class."""
    keras, K = tf.keras, tf.keras.backend

    def huber(y_true, y_pred):
        error = y_true - y_pred
        return K.mean(tf.where(K.abs(error) < 1.0, 0.5 * K.square(error), K.abs(error) - 0.5), axis=-1)

    def r_squared(y_true, y_pred):
        return 1 - K.sum(K.square(y_true - y_pred)) / (K.sum(K.square(y_true - K.mean(y_true))) + K.epsilon())

    class Losses(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.losses = []

        def on_batch_end(self, batch, logs=None):
            self.losses.append(logs.get("loss"))

    keep, rates = Losses(), []
    model = fill(keras.Sequential([keras.layers.Dense(4, activation="tanh", input_dim=3), keras.layers.Dense(1)]))
    model.compile(keras.optimizers.SGD(lr=0.1, momentum=0.9, nesterov=True), huber, metrics=[r_squared])
    x = data(16, 3)
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    seen = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: rates.append(float(K.get_value(model.optimizer.lr))))
    history = model.fit(x, x.sum(1), epochs=3, batch_size=8, callbacks=[keep, schedule, seen], verbose=0, shuffle=False)
    return history.history, keep.losses, rates


def program_look_inside(tf):
    """Activations of a layer, the gradient of a class by the pixels, a filter's picture."""
    keras, K = tf.keras, tf.keras.backend
    model = fill(keras.Sequential([keras.layers.Conv2D(3, 3, activation="relu", input_shape=(7, 7, 1)), keras.layers.Flatten(),
                                   keras.layers.Dense(2)]), scale=0.3)
    inside = K.function([model.input, K.learning_phase()], [model.layers[0].output])
    x = data(1, 7, 7, 1)
    gradient = K.gradients(model.output[0, 1], model.input)[0]
    saliency = K.function([model.input], [gradient])([x])[0]
    loss = K.mean(model.get_layer(index=0).output[:, :, :, 1])
    step = K.gradients(loss, model.input)[0]
    step /= K.sqrt(K.mean(K.square(step))) + 1e-5
    iterate = K.function([model.input], [loss, step])
    values = []
    for _ in range(3):
        value, change = iterate([x])
        values.append(value)
        x = x + change * 0.1
    return inside([x, 0])[0].sum(), saliency, values, x


def program_fine_tune(tf):
    """A base that is frozen, then thawed from a layer on."""
    keras = tf.keras
    base = keras.Sequential([keras.layers.Dense(6, activation="relu", input_shape=(4,), name="low"), keras.layers.Dense(5, name="high")],
                            name="base")
    base.trainable = False
    model = keras.Sequential([base, keras.layers.Dense(1, activation="sigmoid")])
    fill(model)
    model.summary()
    model.compile(keras.optimizers.RMSprop(lr=0.01), "binary_crossentropy", metrics=["accuracy"])
    x, y = data(16, 4), labels(16, 2)
    found = [len(model.trainable_variables), model.fit(x, y, epochs=2, verbose=0, shuffle=False).history]
    base.trainable = True
    for layer in base.layers[:1]:
        layer.trainable = False
    model.compile(keras.optimizers.RMSprop(lr=0.001), "binary_crossentropy", metrics=["accuracy"])
    more = model.fit(x, y, epochs=4, initial_epoch=2, verbose=0, shuffle=False)
    return found, len(model.trainable_variables), more.history, more.epoch, base.get_weights()


def program_a_cell_of_ones_own(tf):
    """A cell on AbstractRNNCell, alone and in a stack."""
    keras, K = tf.keras, tf.keras.backend

    class MinimalCell(keras.layers.AbstractRNNCell):
        def __init__(self, units, **kwargs):
            self.units = units
            super().__init__(**kwargs)

        @property
        def state_size(self):
            return self.units

        @property
        def output_size(self):
            return self.units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
            self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel")
            self.built = True

        def call(self, inputs, states):
            output = K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel)
            return output, [output]

    x = keras.Input((None, 5))
    one = keras.layers.RNN(MinimalCell(4))(x)
    stack = keras.layers.RNN([MinimalCell(3), MinimalCell(2)], return_sequences=True, return_state=True)(x)
    model = fill(keras.Model(x, [one, *stack]))
    return model.predict(data(2, 3, 5)), [w.shape.as_list() for w in model.weights]
