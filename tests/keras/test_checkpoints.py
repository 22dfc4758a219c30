"""tf.train.Checkpoint of Keras models and optimizers where operations run at once."""
import numpy as np

import graphflow as tf
from tests.eager.switched import eagerly
from tests.keras.weights import data, fill


def made():
    model = fill(tf.keras.Sequential([tf.keras.layers.Dense(3, activation="tanh", input_shape=(4,)), tf.keras.layers.Dense(1)]))
    return model, tf.keras.optimizers.Adam(0.1)


def step(model, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(data(5, 4)) - 1.0))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss.numpy()


def test_a_training_goes_on_where_it_was_saved(tmp_path):
    with eagerly(v2=True):
        model, optimizer = made()
        step(model, optimizer)
        path = tf.train.Checkpoint(model=model, optimizer=optimizer).save(str(tmp_path / "ckpt"))
        optimizer.learning_rate = 0.2
        second = tf.train.Checkpoint(model=model, optimizer=optimizer).save(str(tmp_path / "ckpt"))
        wanted = [step(model, optimizer) for _ in range(3)]
        fresh, other = made()      # its slots are made when they are restored
        tf.train.Checkpoint(model=fresh, optimizer=other).restore(second).assert_consumed()
        assert other.iterations.numpy() == 1 and other.learning_rate.numpy() == np.float32(0.2)
        assert [step(fresh, other) for _ in range(3)] == wanted
        names = [name for name, _ in tf.train.list_variables(path)]
    assert "optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE" in names and "optimizer/beta_1/.ATTRIBUTES/VARIABLE_VALUE" in names
    assert sum(".OPTIMIZER_SLOT/optimizer/m/" in name for name in names) == 4
