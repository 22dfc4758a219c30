"""Training goes on from a MetaGraph that TensorFlow wrote with loops and branches of control flow v1."""
from pathlib import Path

import numpy as np

import graphflow as tf

FOLDER = Path(__file__).parents[2] / "data" / "tensorflow_v1" / "training"


def test_training_goes_on_where_tensorflow_left_it(tmp_path):
    with np.load(FOLDER / "values.npz") as values, tf.Graph().as_default():
        saver = tf.train.import_meta_graph(str(FOLDER / "model-3.meta"))
        train = tf.get_collection("train_op")[0]
        with tf.Session() as session:
            saver.restore(session, str(FOLDER / "model-3"))
            for loss in values["losses"]:
                np.testing.assert_allclose(session.run("loss:0", {"x:0": values["x"]}), loss, rtol=1e-5)
                session.run(train, {"x:0": values["x"]})
            short = session.run("loss:0", {"x:0": values["x"], "training:0": False, "lengths:0": [3, 1]})
            np.testing.assert_allclose(short, values["short"], rtol=1e-5)
            np.testing.assert_allclose(session.run("w:0"), values["w"], atol=1e-5)
            assert session.run(tf.train.get_global_step()) == 7
            path = saver.save(session, str(tmp_path / "again"))
        with tf.Session() as session:
            saver.restore(session, path)
            np.testing.assert_allclose(session.run("w:0"), values["w"], atol=1e-5)
