"""The networks of keras.applications: tables of their layers, and small ones with known weights.

What is kept is TensorFlow 1.15's: `python -m tests.keras.running PYTHON network_programs`, and of the tables (golden/networks.json)
`python -m tests.keras.network_programs NAME ...`.
"""
import hashlib
import json
import sys

import numpy as np

from tests.keras.weights import data, fill


def described(tf, name):
    """[name of the model, number of parameters, of layers, digest of `rows`]."""
    tf.keras.backend.clear_session()
    model = getattr(tf.keras.applications, name)(weights=None)
    return summed_up(model.name, model.count_params(), rows(model))


def summed_up(name, parameters, table):
    return [name, parameters, len(table), hashlib.sha256(json.dumps(table).encode()).hexdigest()[:16]]


def rows(model):
    """Of each layer: name, class, shape, parameters, the layers before it, and the arguments that decide what it computes."""
    found = []
    for layer in model.layers:
        shape, before = layer.output_shape, layer._inbound_nodes[0].inbound_layers
        activation, highest = getattr(layer, "activation", None), getattr(layer, "max_value", None)
        padding, epsilon = getattr(layer, "padding", None), getattr(layer, "epsilon", None)
        found.append([
            layer.name, type(layer).__name__, list(shape[0] if isinstance(shape, list) else shape), layer.count_params(),
            [x.name for x in (before if isinstance(before, list) else [before])], activation.__name__ if activation else "",
            epsilon and round(epsilon, 6), getattr(layer, "momentum", None), list(getattr(layer, "strides", ()) or ()),
            padding if isinstance(padding, str) else None, getattr(layer, "use_bias", None), highest is not None and float(highest)])
    return found


def program_small_networks(tf):
    """Outputs of networks whose weights are known."""
    A, found = tf.keras.applications, []
    for make, arguments in ((A.MobileNet, {"alpha": 0.25, "classes": 5}),
                            (A.MobileNetV2, {"alpha": 0.35, "include_top": False, "pooling": "avg"})):
        tf.keras.backend.clear_session()
        model = fill(make(weights=None, input_shape=(33, 32, 3), **arguments), scale=0.2)
        found.append((model.name, model.predict(data(2, 33, 32, 3))[:, :8], [layer.name for layer in model.layers[-4:]]))
    return found


def program_what_goes_in(tf):
    A, x = tf.keras.applications, np.arange(48).reshape(2, 2, 4, 3) * 5
    modules = (A.vgg16, A.resnet50, A.inception_v3, A.mobilenet, A.densenet)
    tensor = tf.keras.backend.constant(x.astype("float32"))
    return ([module.preprocess_input(x.astype("float32")) for module in modules],
            [tf.keras.backend.eval(module.preprocess_input(tensor)) for module in modules[:-1]],      # 1.15's densenet is wrong there
            A.vgg16.preprocess_input(x.transpose(0, 3, 1, 2).astype("float32"), data_format="channels_first"))


if __name__ == "__main__":
    import tensorflow
    print(json.dumps({name: described(tensorflow, name) for name in sys.argv[1:]}, indent=0))
