"""Prints the program of a seed; with --run what graphflow makes of it."""

from __future__ import annotations

import argparse

from .generate import program_of
from .running import run_text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.random_graphs", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--run", action="store_true")
    args = parser.parse_args()
    text = program_of(args.seed).text()
    print(text)
    if args.run:
        import graphflow as tf
        print(run_text(tf, text))


main()
