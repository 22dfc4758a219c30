"""Single layers that are called on values: outputs, gradients, names and shapes of weights, output shapes, configs."""
import numpy as np

from tests.keras.weights import data, fill

LEFT_OUT = ("name", "dtype", "dropout", "seed", "score_mode", "trainable", "groups", "causal", "batch_input_shape", "dim_ordering",
            "zero_output_for_mask", "time_major", "unroll")


def checked(tf, layer, inputs, **arguments):
    """What a layer makes of inputs, after which its weights are the same numbers everywhere."""
    layer(inputs, **arguments)
    if layer.weights:
        fill(layer)
    watched = [x for x in tf.nest.flatten(inputs) if x.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        found = layer(inputs, **arguments)
        value = tf.add_n([tf.reduce_sum(tf.square(x)) for x in tf.nest.flatten(found)])
    weights = layer.trainable_weights
    gradients = tape.gradient(value, [*weights, *watched])
    config = {key: value for key, value in layer.get_config().items() if key not in LEFT_OUT and not isinstance(value, dict)}
    twin = type(layer).from_config(layer.get_config())
    return {"outputs": [x.numpy() for x in tf.nest.flatten(found)], "gradients": [None if g is None else g.numpy() for g in gradients],
            "weights": [w.name.rpartition("/")[2] for w in layer.weights], "config": config, "twin": type(twin).__name__}


def program_attention(tf):
    L = tf.keras.layers
    query, value, key = (tf.constant(data(2, n, 4, seed=n)) for n in (3, 5, 5))
    masks = [tf.constant([[True, True, False], [True, False, False]]), tf.constant([[True] * 4 + [False], [True] * 2 + [False] * 3])]
    return [checked(tf, L.Attention(), [query, value]), checked(tf, L.Attention(use_scale=True), [query, value, key]),
            checked(tf, L.AdditiveAttention(), [query, value]), checked(tf, L.AdditiveAttention(use_scale=False), [query, value, key]),
            L.Attention()([query, value], mask=masks).numpy(), L.AdditiveAttention(use_scale=False)([query, value], mask=masks).numpy(),
            [s.as_list() for s in (L.Attention().compute_output_shape([(2, 3, 4), (2, 5, 4)]),)]]


def program_attention_in_models(tf):
    L = tf.keras.layers
    query, value = tf.keras.Input((3, 4)), tf.keras.Input((None, 4))
    model = tf.keras.Model([query, value], L.GlobalAveragePooling1D()(L.Attention(use_scale=True)([query, value])))
    x = [data(2, 3, 4), data(2, 6, 4)]
    model.compile("sgd", "mse")
    return model.predict(x, verbose=0), model.fit(x, data(2, 4), epochs=2, verbose=0).history


def program_attention_in_heads(tf):
    L = tf.keras.layers
    x, y, lower = tf.constant(data(2, 3, 6)), tf.constant(data(2, 4, 5)), tf.constant(np.tri(3, 4)[None].repeat(2, 0) > 0)
    found = []
    for layer, arguments in ((L.MultiHeadAttention(2, 3), {}), (L.MultiHeadAttention(3, 2, value_dim=4, use_bias=False), {}),
                             (L.MultiHeadAttention(2, 3, output_shape=7), {"attention_mask": lower})):
        layer(x, y, **arguments)
        fill(layer)
        out, scores = layer(x, y, return_attention_scores=True, **arguments)
        found.append((out.numpy(), scores.numpy(), [w.name.split("/", 1)[1] for w in layer.weights], [w.shape.as_list() for w in
                                                                                                    layer.weights]))
    return found, fill(found and _built(L.MultiHeadAttention(1, 2), x))(x, x, use_causal_mask=True).numpy()


def _built(layer, x):
    layer(x, x)
    return layer


def program_local_convolutions(tf):
    L = tf.keras.layers
    x, images = tf.constant(data(2, 6, 3)), tf.constant(data(2, 5, 6, 2))
    return [checked(tf, layer, inputs) for layer, inputs in (
        (L.LocallyConnected1D(3, 2), x), (L.LocallyConnected1D(2, 3, strides=2, activation="tanh"), x),
        (L.LocallyConnected1D(2, 2, data_format="channels_first"), x), (L.LocallyConnected2D(3, 2), images),
        (L.LocallyConnected2D(2, (3, 2), strides=(1, 2), use_bias=False), images),
        (L.LocallyConnected2D(2, 2, data_format="channels_first"), images))]


def program_convolutional_lstm(tf):
    L = tf.keras.layers
    x = tf.constant(data(2, 3, 5, 4, 2))
    return [checked(tf, layer, x) for layer in (
        L.ConvLSTM2D(3, 2), L.ConvLSTM2D(2, 3, padding="same", return_sequences=True),
        L.ConvLSTM2D(2, (2, 1), strides=(2, 1), use_bias=False),
        L.ConvLSTM2D(2, 2, go_backwards=True, unit_forget_bias=False, activation="relu", return_sequences=True))]


def program_convolutional_lstm_in_a_model(tf):
    L = tf.keras.layers
    model = fill(tf.keras.Sequential([L.ConvLSTM2D(2, 2, input_shape=(None, 4, 4, 1), padding="same"), L.Flatten(), L.Dense(1)]))
    model.compile("sgd", "mse")
    history = model.fit(data(4, 3, 4, 4, 1), data(4, 1), epochs=2, verbose=0, shuffle=False).history
    return history, model.predict(data(2, 5, 4, 4, 1), verbose=0), model.layers[0].output_shape


def program_padding_of_outputs(tf):
    L = tf.keras.layers
    images, volumes = tf.constant(data(2, 4, 3, 2)), tf.constant(data(1, 3, 2, 3, 2))
    found = [checked(tf, layer, x) for layer, x in (
        (L.Conv2DTranspose(3, 3, strides=2, output_padding=1), images), (L.Conv2DTranspose(3, 2, strides=3, output_padding=(2, 0)), images),
        (L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1), images),
        (L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=0), images),
        (L.Conv3DTranspose(2, 2, strides=2, output_padding=(1, 0, 1)), volumes))]
    return found, L.Conv2DTranspose(3, 3, strides=2, output_padding=1).compute_output_shape((None, 4, 3, 2)).as_list()


def program_convolutions_of_the_backend(tf):
    K = tf.keras.backend
    rows, images, volumes = tf.constant(data(2, 7, 3)), tf.constant(data(2, 6, 5, 3)), tf.constant(data(1, 4, 4, 4, 2))
    kernel = tf.constant(data(2, 2, 3, 4))
    return [x.numpy() for x in (
        K.conv1d(rows, tf.constant(data(3, 3, 2)), 2, "same"),
        K.conv1d(rows, tf.constant(data(3, 3, 2)), padding="causal", dilation_rate=2),
        K.conv2d(images, kernel, (2, 1), "valid"), K.conv2d(images, kernel, padding="same", dilation_rate=(2, 2)),
        K.conv3d(volumes, tf.constant(data(2, 2, 2, 2, 3))), K.depthwise_conv2d(images, kernel, padding="same"),
        K.separable_conv2d(images, kernel, tf.constant(data(1, 1, 12, 2))),
        K.conv2d_transpose(images, tf.constant(data(2, 2, 4, 3)), (2, 7, 6, 4)), K.pool2d(images, (2, 2), (2, 2), "same"),
        K.pool2d(images, (2, 3), pool_mode="avg"), K.pool3d(volumes, (2, 2, 2), padding="same", pool_mode="avg"),
        K.batch_normalization(images, *(tf.constant(np.abs(data(3, seed=i))) for i in range(4))))]
