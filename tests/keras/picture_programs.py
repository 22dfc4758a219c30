"""Programs that change pictures by chance. What is kept of them is TensorFlow 1.15's, with Pillow and SciPy:

    python -m tests.keras.running PYTHON picture_programs
"""
import os
import shutil
import tempfile
import warnings

import numpy as np

from tests.keras.weights import data


def pictures(count=5, height=6, width=5, channels=3):
    return np.random.RandomState(1).randint(0, 256, (count, height, width, channels)).astype("float32")


def batches(flow, count=2):
    found = []
    for _ in range(count):
        batch = next(flow)
        found.append([np.round(np.asarray(part, "float64"), 3) for part in (batch if isinstance(batch, tuple) else (batch,))])
    return found


def program_each_change(tf):
    """One kind of change at a time."""
    made = tf.keras.preprocessing.image.ImageDataGenerator
    kinds = ({"rotation_range": 40}, {"width_shift_range": 0.3}, {"height_shift_range": 2}, {"width_shift_range": [-1, 2]},
             {"shear_range": 20}, {"zoom_range": 0.3}, {"zoom_range": [0.5, 0.8]}, {"channel_shift_range": 30.0}, {"horizontal_flip": True},
             {"vertical_flip": True}, {"rescale": 1 / 255.0}, {"samplewise_center": True},
             {"samplewise_std_normalization": True}, {"preprocessing_function": lambda x: x / 2.0})
    found = []
    for kind in kinds:
        np.random.seed(5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(batches(made(**kind).flow(pictures(2), batch_size=2), 1))
    return found


def program_many_changes(tf):
    made = tf.keras.preprocessing.image.ImageDataGenerator
    modes = ("nearest", "constant", "reflect", "wrap")
    return [batches(made(rotation_range=30, width_shift_range=0.2, height_shift_range=0.2, shear_range=10, zoom_range=0.2, fill_mode=mode,
                         cval=7.0, horizontal_flip=True, vertical_flip=True, channel_shift_range=5.0)
                    .flow(pictures(), np.arange(5), batch_size=2, seed=3), 3) for mode in modes]


def program_normalised_by_all(tf):
    made = tf.keras.preprocessing.image.ImageDataGenerator
    found = []
    for kind in ({"featurewise_center": True}, {"featurewise_std_normalization": True, "featurewise_center": True},
                 {"zca_whitening": True, "featurewise_center": True, "zca_epsilon": 0.1}):
        generator = made(**kind)
        x = pictures(6, 2, 2, 1) / 255.0
        generator.fit(x)
        found.append(batches(generator.flow(x, batch_size=6, shuffle=False), 1))
    generator = made(featurewise_center=True, rotation_range=20)
    generator.fit(pictures(), augment=True, rounds=2, seed=4)
    return found, generator.mean


def program_of_parts_and_weights(tf):
    generator = tf.keras.preprocessing.image.ImageDataGenerator(validation_split=0.4)
    x, y, w = pictures(), np.array([0, 1, 0, 1, 1]), np.arange(5) / 10.0
    flow = generator.flow(x, y, batch_size=2, seed=1, subset="training")
    other = generator.flow(x, y, batch_size=2, shuffle=False, subset="validation")
    both = generator.flow((x, [np.arange(5.0)]), y, sample_weight=w, batch_size=3, seed=2)
    first = next(both)
    return batches(flow, 3), batches(other), len(flow), len(other), [first[0][1], first[1], first[2]], flow[1][1], other[0][1]


def _folder(tf):
    folder = tempfile.mkdtemp()
    save = tf.keras.preprocessing.image.save_img
    for number, pixels in enumerate(pictures(7, 4, 4)):
        inside = os.path.join(folder, ("cats", "dogs", "newts")[number % 3])
        os.makedirs(inside, exist_ok=True)
        save(os.path.join(inside, f"{number}.png"), pixels, scale=False)
    return folder


def program_of_folders(tf):
    folder, found = _folder(tf), []
    generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255.0, horizontal_flip=True, validation_split=0.5)
    for more in ({}, {"class_mode": "sparse", "color_mode": "grayscale", "subset": "training"},
                 {"class_mode": "input", "target_size": (3, 2)}, {"class_mode": None, "subset": "validation", "shuffle": False},
                 {"class_mode": "binary", "classes": ["dogs", "newts"]}):
        flow = generator.flow_from_directory(folder, **{"target_size": (4, 4), "batch_size": 3, "seed": 1, **more})
        found.append((batches(flow), flow.class_indices, flow.filenames, flow.classes, flow.samples, len(flow), flow.image_shape))
    shutil.rmtree(folder)
    return found


def program_trained_on_changed_pictures(tf):
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Flatten(input_shape=(6, 5, 3)), L.Dense(2, activation="softmax", kernel_initializer="zeros")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255.0, zoom_range=0.2, width_shift_range=0.1)
    flow = generator.flow(pictures(8), np.arange(8) % 2, batch_size=4, seed=1)
    history = model.fit_generator(flow, steps_per_epoch=2, epochs=3, verbose=0, workers=0)
    return history.history["loss"], model.get_weights()[1]


def program_single_pictures(tf):
    image, x = tf.keras.preprocessing.image, pictures(1)[0]
    found = []
    for function, arguments in ((image.random_rotation, {"rg": 40}), (image.random_shift, {"wrg": 0.2, "hrg": 0.3}),
                                (image.random_shear, {"intensity": 20}), (image.random_zoom, {"zoom_range": (0.6, 0.9)})):
        np.random.seed(2)
        found.append(np.round(function(x, **arguments, row_axis=0, col_axis=1, channel_axis=2), 3))
    np.random.seed(2)
    return found, image.random_channel_shift(x, 20.0, 2), np.round(image.apply_affine_transform(data(4, 4, 1), theta=90, zx=0.5), 4)
