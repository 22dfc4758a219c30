"""Run a TensorFlow 1 program as `graphflow run` does and show the plans that its sessions made.

Each different combination of fetches and fed tensors is shown once, in the order of its first run: which tensors, and what
graphflow makes of them. Ctrl-C ends the program; the plans up to there are shown.

example:
  graphflow plan train.py --steps 1
  graphflow plan --stages --only 2 train.py
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from graphflow.commands import run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stages", action="store_true", help="show the plan after every pass, not the finished one alone")
    parser.add_argument("--only", type=int, metavar="N", help="show the N-th run's plan only")
    run.add_arguments(parser)


def main(args: argparse.Namespace) -> int:
    """Runs the program with sessions that note their plans, then prints them."""
    from graphflow.runtime import session

    shown: list[str] = []
    seen: set[Any] = set()
    original = session.BaseSession.run

    def noting(self: Any, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        key = (id(self), describe(fetches), tuple(describe(fed) for fed in feed_dict or {}))
        if key not in seen:
            seen.add(key)
            shown.append(text(self, len(seen), fetches, feed_dict, args.stages))
        return original(self, fetches, feed_dict, options, run_metadata)

    session.BaseSession.run = noting    # type: ignore[method-assign]
    try:
        code = run.main(args)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        code = 1
    finally:
        session.BaseSession.run = original    # type: ignore[method-assign]
    chosen = shown if args.only is None else shown[args.only - 1 : args.only]
    print("\n\n".join(chosen) if chosen else f"no such run: the program made {len(shown)} different ones", file=sys.stdout)
    return code if chosen else 1


def describe(fetches: Any) -> str:
    """Names of tensors and operations in their structure."""
    if isinstance(fetches, dict):
        return "{" + ", ".join(f"{key!r}: {describe(value)}" for key, value in fetches.items()) + "}"
    if isinstance(fetches, (list, tuple)):
        return "[" + ", ".join(describe(value) for value in fetches) + "]"
    return str(getattr(fetches, "name", fetches))


def text(session: Any, number: int, fetches: Any, feed_dict: Any, stages: bool) -> str:
    """The heading and plan of one run."""
    fed = ", ".join(describe(tensor) for tensor in feed_dict or {}) or "nothing"
    found = session.explain(fetches, feed_dict, stages=True)
    plans = found if stages else found[-1:]
    body = "\n\n".join(f"-- {name}: {len(plan.nodes)} steps\n{plan}" if stages else str(plan) for name, plan in plans)
    return f"== run {number}: {describe(fetches)}, fed {fed}; {len(found[-1][1].nodes)} steps\n{body}"
