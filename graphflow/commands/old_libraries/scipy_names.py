"""What scipy had and has no more: numpy's names at its top, `scipy.misc` with its images (now by Pillow), windows in scipy.signal."""
from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np


class _Numpys(Mapping[str, Any]):
    """numpy's names that scipy once passed on."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and not name.startswith("_") and name not in _scipys() and hasattr(np, name)

    def __getitem__(self, name: str) -> Any:
        return getattr(np, name)

    def __iter__(self) -> Any:
        return iter(np.__all__)

    def __len__(self) -> int:
        return len(np.__all__)


def _scipys() -> set[str]:
    return set(dir(importlib.import_module("scipy")))


def names() -> Mapping[str, Any]:
    return _Numpys()


def signal() -> Mapping[str, Any]:
    windows = importlib.import_module("scipy.signal.windows")
    real = importlib.import_module("scipy.signal")
    return {name: getattr(windows, name) for name in windows.__all__ if not hasattr(real, name)}


def ndimage() -> Mapping[str, Any]:
    return {"imread": imread}


def misc() -> Mapping[str, Any]:
    found: dict[str, Any] = {f.__name__: f for f in (imread, imsave, imresize, imrotate, imshow, toimage, fromimage, bytescale)}
    for name, module in (("logsumexp", "special"), ("comb", "special"), ("factorial", "special"), ("face", "datasets"),
                         ("ascent", "datasets"), ("electrocardiogram", "datasets")):
        value = getattr(importlib.import_module(f"scipy.{module}"), name, None)
        if value is not None:
            found[name] = value
    return found


def _pillow() -> Any:
    try:
        return importlib.import_module("PIL.Image")
    except ModuleNotFoundError:
        raise ModuleNotFoundError("scipy.misc's images need Pillow: pip install 'graphflow-tf1[images]'") from None


def imread(name: Any, flatten: bool = False, mode: str | None = None) -> np.ndarray:
    """The image of a file as an array; flatten: grey, float32; mode: Pillow's ('RGB', 'L')."""
    return fromimage(_pillow().open(name), flatten, mode)


def fromimage(im: Any, flatten: bool = False, mode: str | None = None) -> np.ndarray:
    """A Pillow image as an array."""
    if mode is not None and mode != im.mode:
        im = im.convert(mode)
    elif im.mode == "P":
        im = im.convert("RGBA" if "transparency" in im.info else "RGB")
    if flatten:
        im = im.convert("F")
    elif im.mode == "1":
        im = im.convert("L")
    return np.array(im)


def bytescale(data: Any, cmin: float | None = None, cmax: float | None = None, high: int = 255, low: int = 0) -> np.ndarray:
    """uint8 from `low` to `high`, for values from `cmin` to `cmax` (the least and greatest); uint8 stays as it is."""
    data = np.asarray(data)
    if data.dtype == np.uint8:
        return data
    if high > 255 or low < 0 or high < low:
        raise ValueError("`low` and `high` must lie in order between 0 and 255")
    cmin = float(data.min()) if cmin is None else cmin
    cmax = float(data.max()) if cmax is None else cmax
    if cmax < cmin:
        raise ValueError("`cmax` should be larger than `cmin`.")
    scaled = (data - cmin) * (float(high - low) / ((cmax - cmin) or 1.0)) + low
    return (scaled.clip(low, high) + 0.5).astype(np.uint8)


def toimage(arr: Any, high: int = 255, low: int = 0, cmin: float | None = None, cmax: float | None = None, pal: Any = None,
            mode: str | None = None, channel_axis: int | None = None) -> Any:
    """A Pillow image of an array: [rows, columns], or with 3 or 4 colours along some axis."""
    pillow, data = _pillow(), np.asarray(arr)
    if data.ndim == 2:
        if mode == "F":
            return pillow.fromarray(data.astype(np.float32))
        if mode == "I":
            return pillow.fromarray(data.astype(np.int32))
        image = pillow.fromarray(bytescale(data, cmin, cmax, high, low))
        if pal is not None:
            image.putpalette(np.asarray(pal, np.uint8).tobytes())
        return image.convert("1") if mode == "1" else image
    if data.ndim != 3 or not ({3, 4} & set(data.shape)):
        raise ValueError("'arr' does not have a suitable array shape for any mode: [rows, columns], or 3 or 4 colours besides")
    axis = channel_axis if channel_axis is not None else next(a for n in (3, 4) for a in range(3) if data.shape[a] == n)
    return pillow.fromarray(np.ascontiguousarray(np.moveaxis(bytescale(data, cmin, cmax, high, low), axis, -1)))


def imsave(name: Any, arr: Any, format: str | None = None) -> None:
    """Writes an array as an image file, scaled by its least and greatest value where it is not uint8."""
    image = toimage(arr, channel_axis=2 if np.ndim(arr) == 3 and np.shape(arr)[-1] in (3, 4) else None)
    image.save(name, *([] if format is None else [format]))


_FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "cubic": 3}


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> np.ndarray:
    """The image in another size: a percentage (int), a factor (float) or (rows, columns); scaled to uint8 first, as `toimage` does."""
    image = toimage(arr, mode=mode)
    if isinstance(size, (int, np.integer)):
        wanted = tuple(int(side * size / 100.0) for side in image.size)
    elif isinstance(size, (float, np.floating)):
        wanted = tuple(int(side * size) for side in image.size)
    else:
        wanted = (int(size[1]), int(size[0]))
    return np.array(image.resize(wanted, resample=_FILTERS[interp]))


def imrotate(arr: Any, angle: float, interp: str = "bilinear") -> np.ndarray:
    """The image turned by `angle` degrees against the clock."""
    return np.array(toimage(arr).rotate(angle, resample=_FILTERS[interp]))


def imshow(arr: Any) -> None:
    """Shows the image in the system's viewer."""
    toimage(arr).show()
