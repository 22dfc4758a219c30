"""Programs that make models: their names, tables, configs and outputs."""
import numpy as np

from tests.keras.weights import data, fill, labels


def describe(model):
    model.summary()
    return {"layers": [layer.name for layer in model.layers], "weights": [w.name for w in model.weights],
            "trainable": [w.name for w in model.trainable_weights], "fixed": [w.name for w in model.non_trainable_weights],
            "inputs": [x.name for x in model.inputs or []], "outputs": [x.name for x in model.outputs or []]}


def program_sequential(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Dense(8, activation="relu", input_shape=(4,), kernel_regularizer="l2"), L.Dropout(0.5),
                                 L.Dense(3, activation="softmax")])
    fill(model)
    return describe(model), model.get_config(), model.predict(data(5, 4)), model.input_shape, model.output_shape


def program_functional(tf):
    L = tf.keras.layers
    a, b = L.Input((4,), name="a"), L.Input((3,))
    shared = L.Dense(5, activation="tanh")
    first, second = shared(a), shared(a[:, :4] * 2.0)
    out = L.Dense(2, name="out")(L.Activation("relu")(first))
    other = L.Dense(1, activity_regularizer="l1", name="other")(second)
    model = tf.keras.Model([a, b], [out, other])
    fill(model)
    config = model.get_config()
    return (describe(model), [(layer["name"], layer["class_name"], layer["inbound_nodes"]) for layer in config["layers"]],
            config["input_layers"], config["output_layers"], model.predict([data(3, 4), data(3, 3)]))


def program_nested_models(tf):
    L = tf.keras.layers
    inner = tf.keras.Sequential([L.Dense(3, input_shape=(4,)), L.Dense(4)], name="inner")
    x = L.Input((4,))
    model = tf.keras.Model(x, inner(inner(x)))
    fill(model)
    copy = tf.keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return describe(model), model.predict(data(3, 4)), copy.predict(data(3, 4)), [layer.name for layer in copy.layers]


def program_class(tf):
    L = tf.keras.layers

    class Mine(tf.keras.Model):
        def __init__(self):
            super().__init__(name="mine")
            self.first = L.Dense(3)
            self.rest = [L.Dense(2), L.Dense(2)]

        def call(self, inputs, training=None):
            x = self.first(inputs)
            for layer in self.rest:
                x = layer(x)
            return x

    model = Mine()
    model.compile("sgd", "mse")
    model.fit(data(4, 3), data(4, 2), verbose=0)
    fill(model)
    return describe(model), model.predict(data(5, 3))


def program_layer_of_ones_own(tf):
    L = tf.keras.layers

    class Scale(L.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape):
            self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], 2), initializer="uniform", trainable=True)
            self.shift = self.add_weight("shift", shape=(2,), initializer="zeros", trainable=False)
            super().build(input_shape)

        def call(self, inputs):
            return tf.matmul(inputs, self.kernel) * self.factor + self.shift

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    model = tf.keras.Sequential([Scale(2.0, input_shape=(3,)), L.Dense(2)])
    fill(model)
    with tf.keras.utils.custom_object_scope({"Scale": Scale}):
        copy = tf.keras.Sequential.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return describe(model), model.get_config(), model.predict(data(4, 3)), copy.predict(data(4, 3))


def program_sequential_without_shape(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Dense(3), L.Dense(2)])
    model.compile("adadelta", "mse")
    model.fit(data(4, 3), data(4, 2), verbose=0)
    built = tf.keras.Sequential([L.Dense(3), L.Dense(2)])
    built.build((None, 5))
    return describe(model), [w.name for w in built.weights], built.get_config()


def program_layers_by_name_and_place(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential()
    model.add(L.InputLayer((2,)))
    model.add(L.Dense(3, name="hidden"))
    model.add(L.Dense(1))
    part = tf.keras.Model(model.input, model.get_layer("hidden").output)
    fill(model)
    first = part.predict(data(3, 2))
    model.pop()
    return first, describe(model), model.get_layer(index=0).name, np.shape(model.predict(data(3, 2)))


def program_frozen_layers(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Dense(3, input_shape=(2,)), L.Dense(2, activation="softmax")])
    model.layers[0].trainable = False
    fill(model)
    before = model.get_weights()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(data(20, 2), labels(20, 2), epochs=2, verbose=0, shuffle=False)
    return describe(model), [bool(np.array_equal(a, b)) for a, b in zip(before, model.get_weights())], model.get_weights()
