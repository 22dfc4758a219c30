"""Single layers with random arguments, as plain data that graphflow and TensorFlow both build, and what each gives of them.

    python -m tests.keras.random_layers FIRST END      runs these seeds in the TensorFlow of this python (oracle side)
"""
import json
import random
import sys

import numpy as np

from tests.keras.running import plain
from tests.keras.weights import data, fill

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "elu", "selu", "softplus", "softsign", "hard_sigmoid", "exponential", "softmax")
INITIALIZERS = ("glorot_uniform", "zeros", "ones", "he_normal", "lecun_uniform", "orthogonal")
REGULARIZERS = ("l1", "l2", "l1_l2", None, None)
CONSTRAINTS = ("non_neg", "max_norm", "unit_norm", None, None, None)


def configuration(seed):
    """{'class', 'arguments', 'shapes', ...} of a seed: a layer's name, its arguments, shapes of inputs without the batch.

    'inner': name and arguments of the layer in a wrapper; 'integers': inputs are integers below it; 'masked': some steps are masked.
    """
    r = random.Random(seed)
    name, make = r.choice(MAKERS)
    arguments, shapes, *more = make(r)
    return {"class": name, "arguments": {k: v for k, v in arguments.items() if v is not None}, "shapes": shapes,
            **(more[0] if more else {})}


def _weights(r, biased=True):
    found = {"activation": r.choice(ACTIVATIONS[:-1]), "kernel_initializer": r.choice(INITIALIZERS),
             "kernel_regularizer": r.choice(REGULARIZERS), "kernel_constraint": r.choice(CONSTRAINTS),
             "activity_regularizer": r.choice((None, None, "l2"))}
    if biased and r.random() < 0.7:
        return {**found, "use_bias": r.random() < 0.6, "bias_initializer": r.choice(("zeros", "ones")),
                "bias_regularizer": r.choice(REGULARIZERS)}
    return found


def _dense(r):
    return {"units": r.randint(1, 4), **_weights(r)}, [[r.randint(1, 4) for _ in range(r.randint(1, 3))]]


def _image(r, rank, low=4, high=8):
    return [r.randint(low, high) for _ in range(rank)], r.randint(1, 3)


def _sized(r, rank, low, high):
    return r.randint(low, high) if r.random() < 0.5 else [r.randint(low, high) for _ in range(rank)]


def _convolution(rank, causal=False):
    def make(r):
        sizes, channels = _image(r, rank)
        strided = r.random() < 0.5
        paddings = ("valid", "same", "causal") if causal else ("valid", "same")
        return {"filters": r.randint(1, 3), "kernel_size": _sized(r, rank, 1, 3), "strides": _sized(r, rank, 1, 2) if strided else 1,
                "padding": r.choice(paddings), "dilation_rate": 1 if strided or rank == 3 else r.randint(1, 2),
                **_weights(r)}, [[*sizes, channels]]
    return make


def _transposed(rank):
    def make(r):
        sizes, channels = _image(r, rank, 2, 4)
        return {"filters": r.randint(1, 3), "kernel_size": r.randint(1, 3), "strides": r.randint(1, 2),
                "padding": r.choice(("valid", "same")), **_weights(r)}, [[*sizes, channels]]
    return make


def _separable(rank):
    def make(r):
        sizes, channels = _image(r, rank)
        weights = {k: v for k, v in _weights(r).items() if not k.startswith("kernel")}
        return {"filters": r.randint(1, 3), "kernel_size": r.randint(1, 3), "strides": r.randint(1, 2),
                "padding": r.choice(("valid", "same")), "depth_multiplier": r.randint(1, 2), **weights,
                "depthwise_regularizer": r.choice(REGULARIZERS), "pointwise_constraint": r.choice(CONSTRAINTS)}, [[*sizes, channels]]
    return make


def _depthwise(r):
    sizes, channels = _image(r, 2)
    weights = {k: v for k, v in _weights(r).items() if not k.startswith("kernel")}
    return {"kernel_size": _sized(r, 2, 1, 3), "strides": r.randint(1, 2), "padding": r.choice(("valid", "same")),
            "depth_multiplier": r.randint(1, 2), "depthwise_regularizer": r.choice(REGULARIZERS), **weights}, [[*sizes, channels]]


def _local(rank):
    def make(r):
        sizes, channels = _image(r, rank, 3, 5)
        return {"filters": r.randint(1, 2), "kernel_size": r.randint(1, 2), "strides": r.randint(1, 2), **_weights(r)}, [[*sizes, channels]]
    return make


def _pooling(rank):
    def make(r):
        sizes, channels = _image(r, rank)
        return {"pool_size": _sized(r, rank, 1, 3) if rank > 1 else r.randint(1, 3), "strides": r.choice((None, 1, 2)),
                "padding": r.choice(("valid", "same"))}, [[*sizes, channels]]
    return make


def _global(rank):
    def make(r):
        sizes, channels = _image(r, rank, 1, 4)
        return {"data_format": r.choice((None, "channels_last", "channels_first"))}, [[*sizes, channels]]
    return make


def _padding(rank):
    def make(r):
        sizes, channels = _image(r, rank, 1, 3)
        pair = [[r.randint(0, 2), r.randint(0, 2)] for _ in range(rank)]
        return {"padding": r.choice((1, 2, pair if rank > 1 else pair[0]))}, [[*sizes, channels]]
    return make


def _cropping(rank):
    def make(r):
        sizes, channels = _image(r, rank, 3, 5)
        pair = [[r.randint(0, 1), r.randint(0, 1)] for _ in range(rank)]
        return {"cropping": r.choice((1, pair if rank > 1 else pair[0]))}, [[*sizes, channels]]
    return make


def _enlarging(rank):
    def make(r):
        sizes, channels = _image(r, rank, 1, 3)
        more = {"interpolation": r.choice(("nearest", "bilinear"))} if rank == 2 else {}
        return {"size": r.randint(1, 3) if rank == 1 else _sized(r, rank, 1, 3), **more}, [[*sizes, channels]]
    return make


def _recurrent(kind):
    def make(r):
        arguments = {"units": r.randint(1, 3), "activation": r.choice(("tanh", "relu", "sigmoid")), "return_sequences": r.random() < 0.5,
                     "return_state": r.random() < 0.3, "go_backwards": r.random() < 0.3, "unroll": r.random() < 0.3,
                     "use_bias": r.random() < 0.7, "kernel_regularizer": r.choice(REGULARIZERS),
                     "recurrent_constraint": r.choice(CONSTRAINTS), "recurrent_initializer": r.choice(("orthogonal", "glorot_uniform"))}
        if kind != "SimpleRNN":
            arguments.update(recurrent_activation=r.choice(("hard_sigmoid", "sigmoid")), implementation=r.choice((1, 2)))
        if kind == "GRU":
            arguments["reset_after"] = r.random() < 0.4
        if kind == "LSTM":
            arguments["unit_forget_bias"] = arguments["use_bias"] and r.random() < 0.5
        return arguments, [[r.randint(1, 5), r.randint(1, 3)]], {"masked": r.random() < 0.3}
    return make


def _wrapped(r):
    kind = r.choice(("SimpleRNN", "LSTM", "GRU"))
    arguments, shapes, more = _recurrent(kind)(r)
    arguments.update(return_state=False, go_backwards=False)
    if not arguments.get("use_bias"):
        arguments.pop("unit_forget_bias", None)
    given = {k: v for k, v in arguments.items() if v is not None}
    return {"merge_mode": r.choice(("concat", "sum", "mul", "ave"))}, shapes, {"inner": [kind, given], **more}


def _distributed(r):
    kinds = ("Dense", _dense), ("Conv1D", _convolution(1)), ("MaxPooling1D", _pooling(1)), ("Flatten", _flatten)
    kind, make = r.choice(kinds)
    arguments, (shape,) = make(r)
    given = {k: v for k, v in arguments.items() if v is not None and k != "activity_regularizer"}
    return {}, [[r.randint(1, 3), *shape]], {"inner": [kind, given]}


def _convolved(r):
    return {"name": "convolved",      # Keras 2.x calls one conv_lstm2d, TensorFlow 1.15 conv_lst_m2d
            "filters": r.randint(1, 2), "kernel_size": r.randint(1, 3), "padding": r.choice(("valid", "same")),
            "return_sequences": r.random() < 0.5, "strides": r.randint(1, 2), "use_bias": r.random() < 0.5,
            "recurrent_activation": r.choice(("hard_sigmoid", "sigmoid"))}, \
        [[r.randint(1, 3), r.randint(3, 5), r.randint(3, 5), r.randint(1, 2)]]


def _merging(r):
    shape = [r.randint(1, 3) for _ in range(r.randint(1, 3))]
    return {}, [shape] * r.randint(2, 4)


def _two(r):
    return {}, [[r.randint(1, 3) for _ in range(r.randint(1, 3))]] * 2


def _joined(r):
    shape = [r.randint(1, 3) for _ in range(r.randint(1, 3))]
    axis = r.randint(1, len(shape))
    shapes = [list(shape) for _ in range(r.randint(2, 3))]
    for one in shapes:
        one[axis - 1] = r.randint(1, 3)
    return {"axis": axis if r.random() < 0.5 else axis - len(shape) - 1}, shapes


def _dotted(r):
    a, b, k = (r.randint(1, 3) for _ in range(3))
    return {"axes": [2, 1], "normalize": r.random() < 0.4}, [[a, k], [k, b]]


def _normalized(r):
    shape = [r.randint(1, 4) for _ in range(r.randint(1, 3))]
    return {"axis": r.choice((-1, r.randint(1, len(shape)))), "momentum": r.choice((0.5, 0.99)), "epsilon": r.choice((1e-3, 0.1)),
            "center": r.random() < 0.7, "scale": r.random() < 0.7, "gamma_regularizer": r.choice(REGULARIZERS),
            "beta_initializer": r.choice(("zeros", "ones"))}, [shape]


def _layer_normalized(r):
    shape = [r.randint(2, 4) for _ in range(r.randint(1, 3))]
    return {"axis": r.choice((-1, r.randint(1, len(shape)), list(range(1, len(shape) + 1)))), "epsilon": r.choice((1e-3, 0.1)),
            "center": r.random() < 0.7, "scale": r.random() < 0.7}, [shape]


def _embedded(r):
    return {"input_dim": 7, "output_dim": r.randint(1, 3), "mask_zero": r.random() < 0.4, "embeddings_regularizer": r.choice(REGULARIZERS),
            "embeddings_constraint": r.choice(CONSTRAINTS)}, [[r.randint(1, 4) for _ in range(r.randint(1, 2))]], {"integers": 7}


def _flatten(r):
    return {"data_format": r.choice((None, "channels_first"))}, [[r.randint(1, 3) for _ in range(r.randint(2, 3))]]


def _reshaped(r):
    a, b, c = (r.randint(1, 3) for _ in range(3))
    return {"target_shape": r.choice(([a * b * c], [-1, c], [c, b, a], [a * b, -1]))}, [[a, b, c]]


def _permuted(r):
    dims = list(range(1, r.randint(2, 4)))
    r.shuffle(dims)
    return {"dims": dims}, [[r.randint(1, 3) for _ in dims]]


def _shaped(*arguments):
    def make(r):
        return {name: r.choice(values) for name, values in arguments}, [[r.randint(1, 4) for _ in range(r.randint(1, 3))]]
    return make


def _shared_axes(r):
    shape = [r.randint(1, 4) for _ in range(r.randint(2, 3))]
    return {"shared_axes": r.choice((None, [1], [1, 2])), "alpha_initializer": r.choice(("zeros", "ones")),
            "alpha_regularizer": r.choice(REGULARIZERS)}, [shape]


def _scored(r):
    a, b, d = (r.randint(1, 4) for _ in range(3))
    shapes = [[a, d], [b, d]] if r.random() < 0.5 else [[a, d], [b, r.randint(1, 3)], [b, d]]
    return {"use_scale": r.random() < 0.5}, shapes


MAKERS = (
    ("Dense", _dense), ("Dense", _dense), ("Conv1D", _convolution(1, True)), ("Conv2D", _convolution(2)), ("Conv2D", _convolution(2)),
    ("Conv3D", _convolution(3)), ("Conv2DTranspose", _transposed(2)), ("Conv3DTranspose", _transposed(3)),
    ("SeparableConv1D", _separable(1)), ("SeparableConv2D", _separable(2)), ("DepthwiseConv2D", _depthwise),
    ("LocallyConnected1D", _local(1)), ("LocallyConnected2D", _local(2)),
    *((f"{kind}Pooling{rank}D", _pooling(rank)) for kind in ("Max", "Average") for rank in (1, 2, 3)),
    *((f"Global{kind}Pooling{rank}D", _global(rank)) for kind in ("Max", "Average") for rank in (1, 2, 3)),
    *((f"ZeroPadding{rank}D", _padding(rank)) for rank in (1, 2, 3)), *((f"Cropping{rank}D", _cropping(rank)) for rank in (1, 2, 3)),
    *((f"UpSampling{rank}D", _enlarging(rank)) for rank in (1, 2, 3)),
    *((kind, _recurrent(kind)) for kind in ("SimpleRNN", "LSTM", "GRU") * 2), ("Bidirectional", _wrapped), ("Bidirectional", _wrapped),
    ("TimeDistributed", _distributed), ("ConvLSTM2D", _convolved),
    *((kind, _merging) for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum")), ("Subtract", _two), ("Concatenate", _joined),
    ("Dot", _dotted), ("BatchNormalization", _normalized), ("BatchNormalization", _normalized), ("LayerNormalization", _layer_normalized),
    ("Embedding", _embedded), ("Flatten", _flatten), ("Reshape", _reshaped), ("Permute", _permuted),
    ("RepeatVector", lambda r: ({"n": r.randint(1, 3)}, [[r.randint(1, 4)]])), ("Activation", _shaped(("activation", ACTIVATIONS[:-1]))),
    ("ActivityRegularization", _shaped(("l1", (0.0, 0.1)), ("l2", (0.0, 0.2)))), ("LeakyReLU", _shaped(("alpha", (0.1, 0.3)))),
    ("PReLU", _shared_axes), ("ELU", _shaped(("alpha", (0.5, 1.0)))), ("ThresholdedReLU", _shaped(("theta", (0.5, 1.0)))),
    ("ReLU", _shaped(("max_value", (None, 6.0, 0.5)), ("negative_slope", (0.0, 0.2)), ("threshold", (0.0, 0.3)))),
    ("Softmax", _shaped(("axis", (-1, 1)))),
    ("Masking", lambda r: ({"mask_value": r.choice((0.0, 1.0))}, [[r.randint(1, 4), r.randint(1, 3)]])),
    ("Dropout", _shaped(("rate", (0.2, 0.5)))), ("GaussianNoise", _shaped(("stddev", (0.1, 0.2)))),
    ("GaussianDropout", _shaped(("rate", (0.2, 0.5)))), ("AlphaDropout", _shaped(("rate", (0.2, 0.5)))),
    ("SpatialDropout1D", lambda r: ({"rate": 0.3}, [[r.randint(1, 4), r.randint(1, 3)]])),
    ("Attention", _scored), ("AdditiveAttention", _scored),
)


def results(tf, seed):
    """What a layer gives, plain: outputs, weights, config, gradients of the sum of the outputs, losses, shapes; whether a copy agrees."""
    K, L = tf.keras.backend, tf.keras.layers
    K.clear_session()
    made = configuration(seed)
    if "inner" in made:
        kind, arguments = made["inner"]
        layer = getattr(L, made["class"])(getattr(L, kind)(**arguments), **made["arguments"])
    else:
        layer = getattr(L, made["class"])(**made["arguments"])
    ends = [L.Input(shape) for shape in made["shapes"]]
    arrays = [np.random.RandomState(i).randint(0, made["integers"], (3, *shape)).astype("float32") if "integers" in made
              else data(3, *shape, seed=i) for i, shape in enumerate(made["shapes"])]
    taken = ends
    if made.get("masked"):
        arrays[0][0, -1] = arrays[0][1, :1] = 0.0
        taken = [L.Masking()(ends[0])]
    outputs = tf.nest.flatten(layer(taken[0] if len(taken) == 1 else taken))
    fill(layer)
    watched = [*layer.trainable_weights, *(() if "integers" in made else ends)]
    total = tf.add_n([tf.reduce_sum(x) for x in outputs])
    gradients = [g if g is None else tf.convert_to_tensor(g) for g in K.gradients(total, watched)] if watched else []
    losses = [tf.reduce_sum(x) for x in layer.losses]
    kept = [g for g in gradients if g is not None]
    found = K.function(ends, [*outputs, *kept, *losses])(arrays)
    config = layer.get_config()
    copy = type(layer).from_config(config)
    again = tf.nest.flatten(copy(taken[0] if len(taken) == 1 else taken))
    copy.set_weights(layer.get_weights())
    same = K.function(ends, again)(arrays)
    n = len(outputs)
    return plain({
        "outputs": found[:n], "gradients": found[n:n + len(kept)], "losses": found[n + len(kept):],
        "without": [g is None for g in gradients],
        "weights": [(w.name, w.shape.as_list()) for w in layer.weights], "trainable": [w.name for w in layer.trainable_weights],
        "shapes": [x.shape.as_list() for x in outputs], "output_shape": layer.output_shape, "config": config,
        "parameters": layer.count_params(),
        "copy": all(np.allclose(a, b, 1e-5, 1e-6) for a, b in zip(found[:n], same))})


def attempted(tf, seed):
    """`results`, or {'error': type} where the layer is refused."""
    try:
        return results(tf, seed)
    except (ValueError, TypeError, NotImplementedError, tf.errors.OpError) as error:
        return {"error": type(error).__name__, "text": str(error)[:300]}


def program_first_seeds(tf):
    """The seeds that the fast suite compares: with what TensorFlow gave of them."""
    return [attempted(tf, seed) for seed in range(12)]


def program_more_seeds(tf):
    return [attempted(tf, seed) for seed in range(12, 24)]


def _main(first, end):
    import tensorflow.compat.v1 as tensorflow
    tensorflow.logging.set_verbosity(tensorflow.logging.ERROR)
    tensorflow.disable_v2_behavior()
    print("\n" + json.dumps({seed: attempted(tensorflow, seed) for seed in range(first, end)}))


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
