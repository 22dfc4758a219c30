"""tf.data.Options: how a dataset is to be computed. Here they change nothing of what it gives, nor how fast."""
from __future__ import annotations

from typing import Any

from ..core.export import export


@export("data.Options")
class Options:
    """Wishes about threads, order and rewriting, as attributes (`options.experimental_deterministic = True`).

    graphflow keeps them and gives elements in order in any case; there is nothing to tune by them.
    """

    def __init__(self) -> None:
        self.experimental_deterministic: Any = None

    def merge(self, options: Options) -> Options:
        """These options and others. ValueError where both set one, to different values."""
        found = Options()
        for name, value in (*vars(self).items(), *vars(options).items()):
            before = getattr(found, name, None)
            if before is not None and value is not None and before != value:
                raise ValueError(f"Cannot merge incompatible values of option: {name}")
            setattr(found, name, before if value is None else value)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]
