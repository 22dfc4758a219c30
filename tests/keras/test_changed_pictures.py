"""Pictures changed by chance are those that TensorFlow 1.15 makes with the same seeds."""
import numpy as np
import pytest

import graphflow as tf
from tests.keras.picture_programs import pictures
from tests.keras.running import differences, golden, programs, run_program

pytest.importorskip("PIL")
pytest.importorskip("scipy")
Generator = tf.keras.preprocessing.image.ImageDataGenerator


@pytest.mark.parametrize("name", programs("picture_programs"))
def test_a_program_gives_the_pictures_that_tensorflow_gave(name):
    assert differences(run_program(programs("picture_programs")[name], tf), golden("picture_programs")[name]) == []


def test_brightness_is_a_factor():
    """Versions of Pillow round differently."""
    x = pictures(1)[0]
    x[0, 0, 0] = 255.0
    for factor in (0.3, 1.0, 1.4):
        found = Generator().apply_transform(x, {"brightness": factor})
        assert found.dtype == np.float32 and np.abs(found - np.minimum(x * factor, 255)).max() <= 1.0


def test_a_table_names_pictures(tmp_path, capsys):
    for i, pixels in enumerate(pictures(4, 3, 3)):
        tf.keras.preprocessing.image.save_img(str(tmp_path / f"{i}.png"), pixels, scale=False)
    table = {"filename": [f"{i}.png" for i in range(4)] + ["none.png"], "class": ["b", "a", "b", "c", "a"], "n": [0.0, 1.0, 2.0, 3.0, 4.0]}
    flow = None
    with pytest.warns(UserWarning, match=r"Found 1 invalid image filename\(s\) in x_col=\"filename\""):
        flow = Generator().flow_from_dataframe(table, str(tmp_path), target_size=(3, 3), batch_size=4, shuffle=False)
    x, y = next(flow)
    assert capsys.readouterr().out == "Found 4 validated image filenames belonging to 3 classes.\n"
    assert np.array_equal(x, pictures(4, 3, 3)) and y.tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    some = {key: value[:4] for key, value in table.items()}
    made = {"directory": str(tmp_path), "target_size": (3, 3), "shuffle": False}
    half = Generator(validation_split=0.5)
    raw = half.flow_from_dataframe(some, y_col="n", weight_col="n", class_mode="raw", subset="validation", **made)
    assert [part.tolist() for part in next(raw)[1:]] == [[0.0, 1.0], [0.0, 1.0]]
    several = Generator().flow_from_dataframe(some, y_col=["n", "class"], class_mode="multi_output", **made)
    assert next(several)[1][1].tolist() == ["b", "a", "b", "c"]
    two = Generator().flow_from_dataframe(some, classes=["a", "b"], class_mode="binary", **made)
    assert next(two)[1].tolist() == [1.0, 0.0, 1.0] and two.class_indices == {"a": 0, "b": 1}


@pytest.mark.parametrize("arguments, message", [
    ({"zoom_range": [1, 2, 3]}, "`zoom_range` should be a float"), ({"validation_split": 2.0}, "strictly between 0 and 1"),
    ({"brightness_range": 0.5}, "tuple or list of two floats"), ({"data_format": "best"}, "data_format")])
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Generator(**arguments)


def test_what_overrides_what_is_said():
    with pytest.warns(UserWarning, match="`zca_whitening`, which overrides setting of `featurewise_center`"):
        assert Generator(zca_whitening=True).featurewise_center
    with pytest.warns(UserWarning, match=r"hasn't been fit on any training data"):
        Generator(featurewise_center=True).standardize(np.zeros((2, 2, 1), "float32"))


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match="should have rank 4"):
        Generator().flow(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="should have the same length. Found: 5 and 3"):
        Generator().flow(pictures(), np.zeros(3))
    with pytest.raises(ValueError, match="different number of classes"):
        Generator(validation_split=0.4).flow(pictures(), np.array([0, 0, 1, 1, 1]), subset="training")
    with pytest.raises(ValueError, match="length 3"):
        Generator().flow(pictures(), batch_size=2)[3]
