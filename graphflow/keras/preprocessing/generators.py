"""ImageDataGenerator: pictures that are changed by chance, so that a network sees new ones in each epoch."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...core.export import export
from ..backend.settings import data_format_of, floatx
from .picture_batches import NumpyArrayIterator
from .picture_folders import DataFrameIterator, DirectoryIterator
from .transformations import apply_affine_transform, apply_brightness_shift, apply_channel_shift


@export("keras.preprocessing.image.ImageDataGenerator")
class ImageDataGenerator:
    """Batches of pictures, each turned, moved, sheared, zoomed, flipped, brightened by chance, then scaled and normalised.

    rotation_range, shear_range: degrees either way. width_shift_range, height_shift_range: a share below 1, pixels, or the pixels to choose
    from. zoom_range: z for 1 - z .. 1 + z, or a pair. brightness_range: a pair. featurewise_*, zca_whitening: by what `fit` found.
    samplewise_*: by each picture. rescale: a factor. preprocessing_function: of one picture, called before that.
    validation_split: the share of `subset='validation'`. ValueError for values out of range.
    """

    def __init__(self, featurewise_center: bool = False, samplewise_center: bool = False, featurewise_std_normalization: bool = False,
                 samplewise_std_normalization: bool = False, zca_whitening: bool = False, zca_epsilon: float = 1e-6,
                 rotation_range: float = 0, width_shift_range: Any = 0.0, height_shift_range: Any = 0.0, brightness_range: Any = None,
                 shear_range: float = 0.0, zoom_range: Any = 0.0, channel_shift_range: float = 0.0, fill_mode: str = "nearest",
                 cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: float | None = None,
                 preprocessing_function: Any = None, data_format: str | None = None, validation_split: float = 0.0,
                 interpolation_order: int = 1, dtype: Any = None):
        self.featurewise_center, self.featurewise_std_normalization = featurewise_center, featurewise_std_normalization
        self.samplewise_center, self.samplewise_std_normalization = samplewise_center, samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.width_shift_range, self.height_shift_range = rotation_range, width_shift_range, height_shift_range
        self.shear_range, self.channel_shift_range, self.brightness_range = shear_range, channel_shift_range, brightness_range
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format, self.dtype = data_format_of(data_format), dtype or floatx()
        self.channel_axis, self.row_axis, self.col_axis = (3, 1, 2) if self.data_format == "channels_last" else (1, 2, 3)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be strictly between 0 and 1. Received: {validation_split}")
        self._validation_split = validation_split
        self.mean: Any = None
        self.std: Any = None
        self.principal_components: Any = None
        if isinstance(zoom_range, (float, int)):
            zoom_range = [1 - zoom_range, 1 + zoom_range]
        if len(zoom_range) != 2 or not all(isinstance(v, (float, int)) for v in zoom_range):
            raise ValueError(f"`zoom_range` should be a float or a tuple or list of two floats. Received: {zoom_range}")
        self.zoom_range = list(zoom_range)
        if brightness_range is not None and (not isinstance(brightness_range, (tuple, list)) or len(brightness_range) != 2):
            raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
        self._agree()

    def _agree(self) -> None:
        """Whitening and deviations need means that are zero."""
        if self.zca_whitening:
            self._set("featurewise_center", True, "zca_whitening")
            self._set("featurewise_std_normalization", False, "zca_whitening")
        if self.featurewise_std_normalization:
            self._set("featurewise_center", True, "featurewise_std_normalization")
        if self.samplewise_std_normalization:
            self._set("samplewise_center", True, "samplewise_std_normalization")

    def _set(self, name: str, value: bool, cause: str) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            warnings.warn(f"This ImageDataGenerator specifies `{cause}`, which overrides setting of `{name}`.", stacklevel=4)

    # -- batches ------------------------------------------------------------------------------------------------------
    def flow(self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: Any = None, seed: int | None = None,
             save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", subset: str | None = None) -> Any:
        """Batches of arrays: x, (x, y) or (x, y, weights). x: [samples, height, width, channels], or (x, other inputs)."""
        return NumpyArrayIterator(x, y, self, batch_size, shuffle, sample_weight, seed, self.data_format, save_to_dir, save_prefix,
                                  save_format, subset)

    def flow_from_directory(self, directory: Any, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
                            class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
                            save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", follow_links: bool = False,
                            subset: str | None = None, interpolation: str = "nearest") -> Any:
        """Batches of the pictures in a folder's folders, which are the classes.

        class_mode: what targets are: 'categorical', 'binary', 'sparse', 'input' (the pictures), None (no targets).
        """
        return DirectoryIterator(directory, self, target_size=target_size, color_mode=color_mode, classes=classes, class_mode=class_mode,
                                 batch_size=batch_size, shuffle=shuffle, seed=seed, data_format=self.data_format, save_to_dir=save_to_dir,
                                 save_prefix=save_prefix, save_format=save_format, follow_links=follow_links, subset=subset,
                                 interpolation=interpolation)

    def flow_from_dataframe(self, dataframe: Any, directory: Any = None, x_col: str = "filename", y_col: Any = "class",
                            weight_col: str | None = None, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
                            class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
                            save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", subset: str | None = None,
                            interpolation: str = "nearest", validate_filenames: bool = True, **kwargs: Any) -> Any:
        """Batches of the pictures that a table names in the column x_col; labels stand in y_col (a list of columns: 'multi_output', 'raw').

        dataframe: of pandas, or a dict of columns. class_mode: 'categorical', 'binary', 'sparse', 'input', 'multi_output', 'raw', None.
        """
        for name in kwargs:
            if name not in ("has_ext", "sort", "drop_duplicates"):      # of older versions, without a meaning now
                raise TypeError(f"flow_from_dataframe() got an unexpected keyword argument {name!r}")
        return DataFrameIterator(dataframe, directory, self, x_col=x_col, y_col=y_col, weight_col=weight_col, target_size=target_size,
                                 color_mode=color_mode, classes=classes, class_mode=class_mode, data_format=self.data_format,
                                 batch_size=batch_size, shuffle=shuffle, seed=seed, save_to_dir=save_to_dir, save_prefix=save_prefix,
                                 save_format=save_format, subset=subset, interpolation=interpolation, validate_filenames=validate_filenames)

    # -- one picture --------------------------------------------------------------------------------------------------
    def _changed(self, x: Any) -> Any:
        """A picture (ours to write) as a batch has it."""
        return self.standardize(self.apply_transform(x, self.get_random_transform(x.shape)))

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """What numpy's global generator (seeded where seed is given) chooses for a picture: the arguments of apply_transform."""
        if seed is not None:
            np.random.seed(seed)
        rows, columns = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        found: dict[str, Any] = {"theta": np.random.uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0,
                                 "tx": _shift(self.height_shift_range, rows), "ty": _shift(self.width_shift_range, columns),
                                 "shear": np.random.uniform(-self.shear_range, self.shear_range) if self.shear_range else 0}
        low, high = self.zoom_range
        found["zx"], found["zy"] = (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)
        found["flip_horizontal"] = (np.random.random() < 0.5) * self.horizontal_flip
        found["flip_vertical"] = (np.random.random() < 0.5) * self.vertical_flip
        spread, bright = self.channel_shift_range, self.brightness_range
        found["channel_shift_intensity"] = np.random.uniform(-spread, spread) if spread else None
        found["brightness"] = np.random.uniform(bright[0], bright[1]) if bright is not None else None
        return found

    def apply_transform(self, x: Any, transform_parameters: dict[str, Any]) -> Any:
        """A picture changed by these: 'theta', 'tx', 'ty', 'shear', 'zx', 'zy', 'flip_horizontal', 'flip_vertical',
        'channel_shift_intensity', 'brightness', each of which may be left out."""
        given = transform_parameters
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        affine = {name: given[name] for name in ("theta", "tx", "ty", "shear", "zx", "zy") if name in given}
        if any(value != (1 if name in ("zx", "zy") else 0) for name, value in affine.items()):
            x = apply_affine_transform(x, **affine, row_axis=row, col_axis=column, channel_axis=channel, fill_mode=self.fill_mode,
                                       cval=self.cval, order=self.interpolation_order)
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], channel)
        flipped = [axis for axis, name in ((column, "flip_horizontal"), (row, "flip_vertical")) if given.get(name)]
        x = np.flip(x, tuple(flipped))
        return apply_brightness_shift(x, given["brightness"]) if given.get("brightness") is not None else x

    def random_transform(self, x: Any, seed: int | None = None) -> Any:
        """A picture changed by chance."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: Any) -> Any:
        """A picture scaled and normalised, in place where its function allows."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._fitted("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._fitted("featurewise_std_normalization", self.std):
            x /= self.std + 1e-6
        if self.zca_whitening and self._fitted("zca_whitening", self.principal_components):
            x = (x.reshape(-1, x.shape[-3] * x.shape[-2] * x.shape[-1]) @ self.principal_components).reshape(x.shape)
        return x

    def _fitted(self, name: str, value: Any) -> bool:
        if value is None:
            warnings.warn(f"This ImageDataGenerator specifies `{name}`, but it hasn't been fit on any training data. Fit it first by "
                          "calling `.fit(numpy_data)`.", stacklevel=4)
        return value is not None

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learns means, deviations and components of pictures [samples, height, width, channels].

        augment: of pictures changed by chance, `rounds` of each.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(picture) for _ in range(rounds) for picture in x]).astype(self.dtype)
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x /= self.std + 1e-6
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            u, s, _ = np.linalg.svd(flat.T @ flat / len(flat))
            self.principal_components = (u / np.sqrt(s[None] + self.zca_epsilon)) @ u.T


def _shift(extent: Any, size: int) -> float:
    """Pixels to move by: a share of the size, one of the whole numbers below `extent`, or one of a list, either way."""
    if not (len(extent) if np.ndim(extent) else extent):
        return 0
    try:
        found = float(np.random.choice(extent)) * int(np.random.choice([-1, 1]))
    except ValueError:      # a share
        found = np.random.uniform(-extent, extent)
    return found * size if np.max(extent) < 1 else found
