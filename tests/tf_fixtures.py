"""Files that TensorFlow wrote (tests/data/tensorflow), and what its MANIFEST.json says about them."""

import base64
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent / "data" / "tensorflow"


@functools.cache
def manifest() -> dict[str, Any]:
    """{name: entry} of every fixture."""
    return json.loads((ROOT / "MANIFEST.json").read_text(encoding="utf-8"))["fixtures"]


def path(name: str) -> Path:
    """A file or folder by its path in the manifest."""
    return ROOT / name


def bad_cases(*probes: str) -> list[tuple[str, dict[str, Any]]]:
    """(name, case) of the damaged files that these probes read; the case has `path`, `outcome` and what widens it."""
    return [(name, case) for name, case in manifest()["bad"]["cases"].items() if case["probe"] in probes]


@functools.cache
def _npz(name: str) -> dict[str, np.ndarray]:
    with np.load(path(name), allow_pickle=False) as arrays:
        return dict(arrays)


def array(description: dict[str, Any], data: str) -> np.ndarray:
    """The array that a description in the manifest stands for; data: the entry's npz file.

    bfloat16 and float8 come as their bits (`stored_as_bits`), strings as an object array of bytes.
    """
    if "b64" in description:
        strings = np.empty(len(description["b64"]), dtype=object)
        strings[:] = [base64.b64decode(text) for text in description["b64"]]
        return strings.reshape(description.get("shape", strings.shape))
    return _npz(data)[description["npz"]]
