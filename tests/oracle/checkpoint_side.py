"""TensorFlow's part in test_checkpoints: reads what graphflow wrote, writes the same tensors itself. Run: python -m ... FOLDER"""

import base64
import json
import sys
from pathlib import Path

import numpy as np


def plain(value):
    """A value as JSON: strings as base64, anything else as shape and bytes."""
    value = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
    if value.dtype == object:
        return {"shape": value.shape, "strings": [base64.b64encode(item).decode() for item in value.ravel().tolist()]}
    return {"shape": value.shape, "dtype": value.dtype.name, "bytes": base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()}


def values_of(reader):
    return {name: plain(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()}


def main(folder):
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    folder = Path(folder)
    found = {"read": {}, "latest": tf.train.latest_checkpoint(str(folder))}
    for name in ("types", "slices", "many"):
        reader = tf.train.NewCheckpointReader(str(folder / name))
        found["read"][name] = values_of(reader)
        if name != "types":
            continue
        with tf.Graph().as_default(), tf.Session() as session:  # the same tensors, written by TensorFlow, in the order of the data file
            order = json.loads((folder / "order.json").read_text())
            tensors = [tf.constant(reader.get_tensor(key), reader.get_variable_to_dtype_map()[key]) for key in order]
            session.run(tf.raw_ops.SaveV2(prefix=str(folder / "theirs"), tensor_names=order, shape_and_slices=[""] * len(order),
                                          tensors=tensors))
    for name in ("model", "sharded", "first"):
        with tf.Graph().as_default(), tf.Session() as session:
            saver = tf.train.import_meta_graph(str(folder / f"{name}.meta"))
            saver.restore(session, str(folder / name))
            found[name] = {variable.name: plain(value) for variable, value in
                           zip(tf.global_variables(), session.run(tf.global_variables()), strict=True)}
            found[f"{name}_trainable"] = [variable.name for variable in tf.trainable_variables()]
            saver.save(session, str(folder / f"{name}_again"))
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
