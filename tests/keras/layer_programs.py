"""Programs of single layers: outputs for the same weights, shapes, names of weights, configs and back."""
import numpy as np

from tests.keras.weights import data, fill


def check(tf, layer, *shapes, inputs=None, training=False):
    """What a layer makes of inputs, and a copy from its config of the same."""
    ends = [tf.keras.layers.Input(shape) for shape in shapes]
    output = layer(ends[0] if len(ends) == 1 else ends)
    model = fill(tf.keras.Model(ends, output))
    arrays = inputs or [data(2, *[n or 5 for n in shape], seed=i) for i, shape in enumerate(shapes)]
    config = layer.get_config()
    values = model.predict(arrays if len(arrays) > 1 else arrays[0])
    copy = type(layer).from_config(config)
    twin = tf.keras.Model(ends, copy(ends[0] if len(ends) == 1 else ends))
    twin.set_weights(model.get_weights())
    again = twin.predict(arrays if len(arrays) > 1 else arrays[0])
    same = all(np.allclose(a, b, 1e-5, 1e-6) for a, b in zip(values if isinstance(values, list) else [values],
                                                            again if isinstance(again, list) else [again]))
    model.compile("sgd", "mse")
    targets = [np.zeros_like(v) for v in values] if isinstance(values, list) else np.zeros_like(values)
    loss = model.train_on_batch(arrays if len(arrays) > 1 else arrays[0], targets) if layer.trainable_weights else None
    return {"output": values, "config": config, "weights": [w.name for w in layer.weights], "shape": layer.output_shape, "copy": same,
            "loss": loss, "trained": list(layer.get_weights())}


def program_plain_layers(tf):
    L = tf.keras.layers
    return [check(tf, layer, shape) for layer, shape in (
        (L.Dense(3, activation="tanh", use_bias=False), (4,)), (L.Dense(3, activation="softmax"), (3, 4)), (L.Activation("elu"), (4,)),
        (L.Flatten(), (3, 4)), (L.Reshape((2, -1)), (4,)), (L.Reshape((4, 3)), (3, 4)), (L.Permute((2, 1)), (3, 4)),
        (L.RepeatVector(3), (4,)), (L.ActivityRegularization(0.1, 0.2), (4,)))]


def program_advanced_activations(tf):
    L = tf.keras.layers
    return [check(tf, layer, (3, 4)) for layer in (L.LeakyReLU(), L.PReLU(), L.PReLU(shared_axes=[1]), L.ELU(0.5), L.Softmax(),
                                                   L.Softmax(1),
                                                  L.ThresholdedReLU(0.3), L.ReLU(), L.ReLU(0.5, 0.1, 0.2), L.ReLU(6.0))]


def program_activations(tf):
    names = ("softmax", "elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "exponential", "hard_sigmoid", "linear", "swish",
             "gelu")
    K = tf.keras.backend
    x = K.constant(data(3, 4))
    return {name: K.eval(tf.keras.activations.get(name)(x)) for name in names}


def program_convolutions(tf):
    L = tf.keras.layers
    return [check(tf, layer, shape) for layer, shape in (
        (L.Conv1D(3, 2), (6, 2)), (L.Conv1D(3, 2, padding="causal", dilation_rate=2), (6, 2)), (L.Conv1D(3, 3, strides=2, padding="same"),
                                                                                                (7, 2)),
        (L.Conv2D(3, 2, activation="relu"), (5, 6, 2)), (L.Conv2D(3, (3, 2), strides=(2, 1), padding="same"), (5, 6, 2)),
        (L.Conv2D(2, 2, dilation_rate=2, use_bias=False), (6, 6, 2)), (L.Conv3D(2, 2), (3, 4, 4, 1)),
        (L.Conv2DTranspose(2, 3, strides=2, padding="same"), (3, 4, 2)), (L.Conv2DTranspose(2, 2), (3, 4, 2)),
        (L.Conv3DTranspose(2, 2, strides=2), (2, 2, 2, 1)), (L.SeparableConv1D(3, 2), (6, 2)),
        (L.SeparableConv2D(3, 2, depth_multiplier=2, activation="tanh"), (5, 5, 2)), (L.DepthwiseConv2D(2, depth_multiplier=2), (5, 5, 2)),
        (L.DepthwiseConv2D(3, strides=2, padding="same"), (5, 5, 2)))]


def program_pooling(tf):
    L = tf.keras.layers
    return [check(tf, layer, shape) for layer, shape in (
        (L.MaxPooling1D(2), (6, 2)), (L.AveragePooling1D(3, strides=2, padding="same"), (7, 2)), (L.MaxPooling2D(), (4, 6, 2)),
        (L.MaxPooling2D(3, strides=2, padding="same"), (5, 6, 2)), (L.AveragePooling2D((2, 3)), (4, 6, 2)), (L.MaxPooling3D(), (2, 4, 4,
                                                                                                                                1)),
        (L.AveragePooling3D(), (2, 4, 4, 1)), (L.GlobalMaxPooling1D(), (4, 3)), (L.GlobalAveragePooling1D(), (4, 3)),
        (L.GlobalMaxPooling2D(), (4, 3, 2)), (L.GlobalAveragePooling2D(), (4, 3, 2)), (L.GlobalMaxPooling3D(), (2, 4, 3, 2)),
        (L.GlobalAveragePooling3D(), (2, 4, 3, 2)))]


def program_padding_cropping_enlarging(tf):
    L = tf.keras.layers
    return [check(tf, layer, shape) for layer, shape in (
        (L.ZeroPadding1D(2), (3, 2)), (L.ZeroPadding1D((1, 2)), (3, 2)), (L.ZeroPadding2D(((1, 2), (0, 3))), (2, 3, 2)),
        (L.ZeroPadding2D(1), (2, 3, 2)), (L.ZeroPadding3D(), (2, 2, 2, 1)), (L.Cropping1D(1), (4, 2)), (L.Cropping2D(((1, 0), (2, 1))), (4,
                                                                                                                                         5,
                                                                                                                                         2)),
        (L.Cropping3D(1), (3, 4, 4, 1)), (L.UpSampling1D(3), (3, 2)), (L.UpSampling2D((2, 3)), (2, 3, 2)),
        (L.UpSampling2D(2, interpolation="bilinear"), (3, 3, 2)), (L.UpSampling3D(2), (2, 2, 2, 1)))]


def program_merging(tf):
    L = tf.keras.layers
    two = [check(tf, layer, (3, 4), (3, 4)) for layer in (L.Add(), L.Subtract(), L.Multiply(), L.Average(), L.Maximum(), L.Minimum(),
                                                          L.Concatenate(), L.Concatenate(axis=1), L.Dot(1), L.Dot(2), L.Dot((2, 2),
                                                                                                                            normalize=True))]
    return two, check(tf, L.Add(), (3, 4), (1, 4)), check(tf, L.Dot(1), (4,), (4,)), check(tf, L.Add(), (4,), (4,), (4,))


def program_normalization(tf):
    L = tf.keras.layers
    return [check(tf, layer, shape) for layer, shape in (
        (L.BatchNormalization(), (4,)), (L.BatchNormalization(momentum=0.5, scale=False), (3, 4)), (L.BatchNormalization(axis=1), (3, 4)),
        (L.BatchNormalization(center=False), (3, 4, 2)), (L.LayerNormalization(), (3, 4)), (L.LayerNormalization(axis=(1, 2)), (3, 4)))]


def program_embedding(tf):
    L = tf.keras.layers
    numbers = [np.array([[1, 2, 0], [3, 4, 5]])]
    return (check(tf, L.Embedding(6, 3), (3,), inputs=numbers), check(tf, L.Embedding(6, 3, mask_zero=True, input_length=3), (3,),
                                                                      inputs=numbers))


def program_recurrent(tf):
    L = tf.keras.layers
    return [check(tf, layer, (4, 3)) for layer in (
        L.SimpleRNN(3), L.LSTM(3), L.GRU(3), L.LSTM(2, return_sequences=True, recurrent_activation="sigmoid"), L.GRU(2, reset_after=True),
        L.LSTM(2, return_state=True), L.GRU(2, go_backwards=True, return_sequences=True), L.SimpleRNN(2, unroll=True, use_bias=False),
        L.RNN([L.LSTMCell(3), L.GRUCell(2)]), L.RNN(L.SimpleRNNCell(2), return_sequences=True), L.LSTM(2, unit_forget_bias=False,
                                                                                                       unroll=True))]


def program_recurrent_wrappers(tf):
    L = tf.keras.layers
    return [check(tf, layer, (4, 3)) for layer in (
        L.Bidirectional(L.LSTM(2)), L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode="sum"),
        L.Bidirectional(L.SimpleRNN(2, return_sequences=True), merge_mode="ave"), L.TimeDistributed(L.Dense(2)),
        L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode="mul"))]


def program_masks(tf):
    L = tf.keras.layers
    found = []
    numbers = np.array([[1, 2, 0, 0], [3, 4, 5, 0], [1, 1, 1, 1]])
    for layer in (L.LSTM(3), L.GRU(3, return_sequences=True), L.Bidirectional(L.SimpleRNN(2)), L.GlobalAveragePooling1D()):
        model = fill(tf.keras.Sequential([L.Embedding(6, 3, mask_zero=True), layer]))
        model.compile("sgd", "mse")
        values = model.predict(numbers)
        found.append((values, model.train_on_batch(numbers, np.zeros_like(values)), model.get_weights()))
    masked = tf.keras.Sequential([L.Masking(0.0, input_shape=(3, 2)), L.LSTM(2, return_sequences=True), L.TimeDistributed(L.Dense(1))])
    fill(masked)
    masked.compile("sgd", "mse", metrics=["mae"])
    x = data(4, 3, 2)
    x[1, 2] = x[2, 1:] = 0
    return found, masked.predict(x), masked.train_on_batch(x, np.zeros((4, 3, 1))), masked.evaluate(x, np.ones((4, 3, 1)), verbose=0)


def program_states(tf):
    L = tf.keras.layers
    model = fill(tf.keras.Sequential([L.LSTM(2, stateful=True, batch_input_shape=(2, 3, 2)), L.Dense(1)]))
    x = data(2, 3, 2)
    first, second = model.predict(x, batch_size=2), model.predict(x, batch_size=2)
    model.reset_states()
    third = model.predict(x, batch_size=2)
    a, s = L.Input((3, 2)), L.Input((2,))
    encoder = L.GRU(2, return_state=True, return_sequences=True)
    outputs, state = encoder(a)
    decoded = L.GRU(2)(outputs, initial_state=[state])
    both = fill(tf.keras.Model([a, s], [decoded, L.SimpleRNN(2)(a, initial_state=s)]))
    copy = tf.keras.Model.from_config(both.get_config())
    copy.set_weights(both.get_weights())
    inputs = [data(2, 3, 2), data(2, 2)]
    return first, second, third, both.predict(inputs), copy.predict(inputs), [w.name for w in both.weights]


def program_lambda_and_plain_operations(tf):
    L = tf.keras.layers
    x = L.Input((3,))
    y = L.Lambda(lambda t: t * 2.0 + 1.0)(x)
    z = L.Dense(2)(tf.nn.relu(y) - 0.5)
    model = fill(tf.keras.Model(x, tf.concat([z, y], axis=1)))
    copy = tf.keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return model.predict(data(2, 3)), copy.predict(data(2, 3)), [layer.name for layer in model.layers]


def program_convolutional_network(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Conv2D(4, 3, activation="relu", padding="same", input_shape=(8, 8, 1)), L.BatchNormalization(),
                                 L.MaxPooling2D(), L.SeparableConv2D(4, 2), L.Flatten(), L.Dense(3, activation="softmax")])
    fill(model, scale=0.2)
    model.summary()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(16, 8, 8, 1), np.arange(16) % 3
    history = model.fit(x, y, batch_size=8, epochs=2, verbose=0, shuffle=False)
    return history.history, model.get_weights(), model.predict(x[:2]), model.evaluate(x, y, verbose=0), len(model.updates)


def program_initializers(tf):
    I, K = tf.keras.initializers, tf.keras.backend
    made = {"normal": I.RandomNormal(seed=1), "uniform": I.RandomUniform(seed=1), "truncated": I.TruncatedNormal(seed=1),
            "scaling": I.VarianceScaling(2.0, "fan_out", "uniform", seed=1), "orthogonal": I.Orthogonal(seed=1),
            "identity": I.Identity(2.0),
            "glorot_uniform": I.glorot_uniform(seed=1), "glorot_normal": I.glorot_normal(seed=1), "he_normal": I.he_normal(seed=1),
            "he_uniform": I.he_uniform(seed=1), "lecun_normal": I.lecun_normal(seed=1), "lecun_uniform": I.lecun_uniform(seed=1),
            "constant": I.Constant(3.0), "ones": I.Ones(), "zeros": I.Zeros()}
    L = tf.keras.layers
    layers = tf.keras.Sequential([L.Dense(3, kernel_initializer=I.glorot_uniform(seed=2), input_shape=(4,)),
                                  L.Dense(2, kernel_initializer=I.he_normal(seed=3), bias_initializer=I.RandomNormal(seed=4))])
    return ({name: (K.eval(initializer((3, 3))), I.serialize(initializer)) for name, initializer in made.items()},
            [I.serialize(I.get(name)) for name in ("uniform", "normal", "he_normal", "orthogonal", "glorot_uniform", "zeros", "one")],
            layers.get_weights())


def program_regularizers_and_constraints(tf):
    R, C, K = tf.keras.regularizers, tf.keras.constraints, tf.keras.backend
    x = K.constant(data(3, 4))
    regularizers = [R.l1(0.1), R.l2(0.2), R.l1_l2(0.1, 0.2), R.get("l2"), R.get("l1_l2")]
    constraints = [C.max_norm(0.5), C.non_neg(), C.unit_norm(axis=1), C.min_max_norm(0.2, 0.8, 0.5)]
    L = tf.keras.layers
    model = fill(tf.keras.Sequential([L.Dense(3, kernel_constraint="max_norm", kernel_regularizer="l1", input_shape=(4,)),
                                      L.Dense(2, kernel_constraint=C.non_neg(), bias_regularizer=R.l2(0.1))]))
    model.compile("sgd", "mse")
    loss = model.train_on_batch(data(4, 4), data(4, 2))
    return ([(K.eval(r(x)), R.serialize(r)) for r in regularizers], [(K.eval(c(x)), C.serialize(c)) for c in constraints], loss,
            model.get_weights(), len(model.losses))


def program_backend(tf):
    K = tf.keras.backend
    x, y = K.constant(data(2, 3)), K.constant(data(3, 2, seed=1))
    a, b = K.constant(data(2, 3, 4)), K.constant(data(2, 4, 3, seed=1))
    found = {"dot": K.dot(x, y), "batch_dot": K.batch_dot(a, b, (2, 1)), "dot3": K.dot(a, K.constant(data(4, 2))), "mean": K.mean(x, 1),
             "std": K.std(x, 0), "var": K.var(x), "max": K.max(x, 1, keepdims=True), "clip": K.clip(x,
                                                                                                                                    -0.5,
                                                                                                                                    0.5),
             "l2": K.l2_normalize(x, 1), "one_hot": K.one_hot(K.constant([1, 2], "int32"), 3), "reverse": K.reverse(x, 1),
             "tile": K.tile(x, [1, 2]),
             "repeat": K.repeat(x, 2), "flatten": K.batch_flatten(a), "switch": K.switch(K.greater(x, 0.0), x, -x), "cumsum": K.cumsum(x,
                                                                                                                                       1),
             "argmax": K.argmax(x), "any": K.any(K.greater(x, 2.0)), "concatenate": K.concatenate([x, x], 0), "sqrt": K.sqrt(x),
             "stack": K.stack([x, x]),
             "hard_sigmoid": K.hard_sigmoid(x), "relu": K.relu(x, alpha=0.1, max_value=0.5), "repeat_elements": K.repeat_elements(a, 2, 1),
             "permute": K.permute_dimensions(a, (0, 2, 1)), "prod": K.prod(x, 1), "eye": K.eye(2), "arange": K.arange(4)}
    last, outputs, states = K.rnn(lambda t, s: (t + s[0], [t + s[0]]), a, [K.zeros((2, 4))])
    step = K.placeholder((None, 3))
    variable = K.variable(2.0)
    function = K.function([step], [step * 2.0, K.sum(step)], updates=[K.update_add(variable, 1.0)])
    return ({name: K.eval(value) for name, value in found.items()}, [K.eval(v) for v in (last, outputs, states[0])], function([data(2, 3)]),
            K.get_value(variable), K.int_shape(step), K.ndim(a), K.dtype(x), K.get_uid("a"), K.get_uid("a"), K.epsilon(), K.floatx(),
            K.image_data_format())
