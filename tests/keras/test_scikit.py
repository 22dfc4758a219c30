"""Keras models as estimators of scikit-learn."""
import numpy as np
import pytest

import graphflow as tf

wrappers = tf.keras.wrappers.scikit_learn
X = np.random.RandomState(0).randn(60, 3).astype("float32")
NAMES = np.where(X[:, 0] > 0, "up", "down")


def classifier(units=4, loss="binary_crossentropy", metrics=("accuracy",)):
    tf.keras.backend.clear_session()
    tf.set_random_seed(1)
    last = 1 if loss == "binary_crossentropy" else 2
    model = tf.keras.Sequential([tf.keras.layers.Dense(units, activation="tanh", input_shape=(3,)),
                                 tf.keras.layers.Dense(last, activation="sigmoid" if last == 1 else "softmax")])
    model.compile(tf.keras.optimizers.Adam(0.1), loss, metrics=list(metrics))
    return model


@pytest.mark.parametrize("loss", ["binary_crossentropy", "categorical_crossentropy"])
def test_classes_of_any_kind_are_learnt(loss):
    found = wrappers.KerasClassifier(classifier, loss=loss, epochs=15, verbose=0)
    history = found.fit(X, NAMES)
    assert len(history.history["loss"]) == 15 and found.classes_.tolist() == ["down", "up"] and found.n_classes_ == 2
    predicted = np.ravel(found.predict(X))
    assert np.mean(predicted == NAMES) > 0.9 and found.score(X, NAMES) == pytest.approx(np.mean(predicted == NAMES))
    probabilities = found.predict_proba(X)
    assert probabilities.shape == (60, 2) and np.allclose(probabilities.sum(1), 1)


def test_arguments_go_where_they_belong():
    found = wrappers.KerasClassifier(classifier, units=2, epochs=1, verbose=0)
    assert found.get_params(deep=True) == {"units": 2, "epochs": 1, "verbose": 0, "build_fn": classifier}
    assert found.set_params(units=7) is found
    found.fit(X, NAMES, batch_size=30)
    assert found.model.layers[0].units == 7
    twin = type(found)(**found.get_params())
    assert twin.get_params() == found.get_params()
    with pytest.raises(ValueError, match="colour is not a legal parameter"):
        wrappers.KerasClassifier(classifier, colour=1)
    with pytest.raises(ValueError, match="not configured to compute accuracy"):
        found.set_params(metrics=())
        found.fit(X, NAMES)
        found.score(X, NAMES)


def test_a_subclass_may_be_its_own_builder_and_regress():
    class Line(wrappers.KerasRegressor):
        def __call__(self, rate=0.1):
            model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
            model.compile(tf.keras.optimizers.SGD(rate), "mse")
            return model

    line = Line(epochs=30, verbose=0)
    y = X @ [1.0, -2.0, 0.5]
    line.fit(X, y)
    assert line.predict(X).shape == (60,) and np.allclose(line.predict(X), y, atol=0.1)
    assert -0.01 < line.score(X, y) <= 0
