"""What the subcommands' arguments have in common: values that are checked when they are read, and options that go together."""

from __future__ import annotations

import argparse
import ast
import re
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def count(text: str) -> int:
    """A number of things, 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more, not {text!r}")
    return int(text)


def regex(text: str) -> str:
    """A regular expression, as text."""
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None
    return text


def names(text: str) -> list[str]:
    """Names with commas between."""
    return [name.strip() for name in text.split(",") if name.strip()]


def sizes(text: str) -> tuple[str, list[int | str]]:
    """NAME=SIZES: n,28,28,1 are numbers, and names of sizes that stay open."""
    name, equals, given = text.partition("=")
    found: list[int | str] = [int(size) if size.isdecimal() else size for size in names(given)]
    if not equals or not all(isinstance(size, int) or size.isidentifier() for size in found):
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=SIZES, where a size is a number or a name, such as images=n,28,28,1; "
                                         "rate= for a scalar")
    return name, found


def setting(text: str) -> tuple[str, Any]:
    """PLACEHOLDER=VALUE, a Python number, bool or list."""
    name, equals, given = text.partition("=")
    try:
        value = {"true": True, "false": False}.get(given.lower()) if given.lower() in ("true", "false") else ast.literal_eval(given)
    except (ValueError, SyntaxError):
        value = None
    if not equals or value is None:
        raise argparse.ArgumentTypeError(f"{text!r}: PLACEHOLDER=VALUE, such as keep_prob=1.0")
    return name, value


def needs(args: argparse.Namespace, option: str, *others: str) -> str | None:
    """A complaint where `option` is given without any of the others, so that it would do nothing."""
    if given(args, option) and not any(given(args, other) for other in others):
        return f"--{option} does nothing without {' or '.join('--' + other for other in others)}"
    return None


def excludes(args: argparse.Namespace, option: str, *others: str) -> str | None:
    """A complaint where `option` is given together with one that makes it do nothing."""
    found = [other for other in others if given(args, other)]
    return f"--{option} does nothing with --{found[0]}" if given(args, option) and found else None


def given(args: argparse.Namespace, option: str) -> bool:
    value: Any = getattr(args, option.replace("-", "_"))
    return value is not None and value is not False and value != []
