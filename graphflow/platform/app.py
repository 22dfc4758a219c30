"""tf.app.run: parses the flags, calls the program's main and exits with what it returns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from absl.flags import Error

from graphflow.core.export import export

from .flags import FLAGS


@export("app.run")
def run(main: Callable[[list[str]], Any] | None = None, argv: list[str] | None = None) -> None:
    """Calls `main` (default: the running program's) with the arguments that are no flags. Never returns: SystemExit carries its result.

    A flag whose value is refused ends the program with a line that says so, and exit code 1 as absl's programs do.
    """
    from absl import app  # at first use: saves 40 ms

    program = main or sys.modules["__main__"].main
    app.run(main=program, argv=argv, flags_parser=_parse)


def _parse(argv: list[str]) -> list[str]:
    try:
        return FLAGS._parse_flags(argv)
    except Error as error:
        sys.exit(f"{Path(argv[0]).name}: {error} (--help lists the flags)")
