"""Run a TensorFlow 1 program as `graphflow run` does and show the plans that its sessions made.

Each different combination of fetches and fed tensors is shown once, in the order of its first run: which tensors, and what
graphflow makes of them. Ctrl-C ends the program; the plans up to there are shown.

With --view or --html the plans are drawn: the graph, the plan after every pass, and the plan as the engine runs it, with fused
loops, shared buffers and variables that are written in place.

example:
  graphflow plan train.py --steps 1
  graphflow plan --stages --only 2 train.py
  graphflow plan --only 2 --html plan.html train.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from graphflow.commands import run
from graphflow.commands.arguments import count, excludes
from graphflow.commands.view import serve_until_stopped
from graphflow.runtime import session
from graphflow.viewer.load import NamedGraph
from graphflow.viewer.offline import graphs_page
from graphflow.viewer.plan_graph import stage_graphs
from graphflow.viewer.runs import RunStore
from graphflow.viewer.server import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stages", action="store_true", help="show the plan after every pass, not the finished one alone")
    parser.add_argument("--only", type=count, metavar="N", help="show the N-th run's plan only")
    parser.add_argument("--view", action="store_true", help="show the plans in the browser, once the program ended")
    parser.add_argument("--html", metavar="OUT", help="write the plans as one HTML file that works without a server")
    run.add_arguments(parser)


def complaint(args: argparse.Namespace) -> str | None:
    return excludes(args, "view", "html") or excludes(args, "stages", "view", "html")    # a drawing has all stages


def main(args: argparse.Namespace) -> int:
    """Runs the program, notes the plan of each new signature, then prints them."""
    shown: list[str] = []
    drawn: list[Drawn] = []
    seen: set[Any] = set()

    def note(running: Any, fetches: Any, feed_dict: Any) -> None:
        key = (id(running), describe(fetches), tuple(describe(fed) for fed in feed_dict or {}))
        if key not in seen:    # a plan made anew, after a change of the graph, is not another run
            seen.add(key)
            found = running.explain(fetches, feed_dict, stages=True)
            shown.append(text(found, len(seen), fetches, feed_dict, args.stages))
            if args.view or args.html:
                drawn.append(drawing(running, len(seen), fetches, found))

    session.observers.append(note)
    try:
        code = run.main(args)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        code = 1
    finally:
        session.observers.remove(note)
    chosen = shown if args.only is None else shown[args.only - 1 : args.only]
    if chosen and drawn:
        return show(drawn if args.only is None else drawn[args.only - 1 : args.only], args) or code
    if chosen:
        print("\n\n".join(chosen))
    elif shown:
        print(f"graphflow plan: no such run: the program made {len(shown)} different ones", file=sys.stderr)
    elif not code:    # else it has said what stopped it
        print("graphflow plan: the program ran nothing in a session, so there is no plan", file=sys.stderr)
    return code if chosen else code or 1


def describe(fetches: Any) -> str:
    """Names of tensors and operations in their structure."""
    if isinstance(fetches, dict):
        return "{" + ", ".join(f"{key!r}: {describe(value)}" for key, value in fetches.items()) + "}"
    if isinstance(fetches, (list, tuple)):
        return "[" + ", ".join(describe(value) for value in fetches) + "]"
    return str(getattr(fetches, "name", fetches))


Drawn = tuple[str, list[Any]]    # heading of a run, and its graphs


def drawing(session: Any, number: int, fetches: Any, found: list[tuple[str, Any]]) -> Drawn:
    """The graph and the plan after every pass, to be drawn."""
    graph = session.graph.as_graph_def(add_shapes=True).SerializeToString()
    return f"run {number}: {describe(fetches)[:60]}", [NamedGraph("the graph", graph, "graph"), *stage_graphs(found)]


def show(drawn: list[Drawn], args: argparse.Namespace) -> int:
    """Writes the HTML file, or serves the page until Ctrl-C."""
    if args.html:
        prefix = len(drawn) > 1
        graphs = [NamedGraph(f"{title}, {g.name}" if prefix else g.name, g.buf, g.kind) for title, found in drawn for g in found]
        data = graphs_page(graphs, drawn[0][0] if not prefix else "plans").encode()
        Path(args.html).write_bytes(data)
        print(f"wrote {args.html} ({len(data):,} bytes)")
        return 0
    server = serve(RunStore.of_runs("plans", drawn), "127.0.0.1", 6006)
    print(f"graphflow plan: {server.url}  (Ctrl-C stops)", flush=True)
    return serve_until_stopped(server, browser=True)


def text(found: list[tuple[str, Any]], number: int, fetches: Any, feed_dict: Any, stages: bool) -> str:
    """The heading and plan of one run."""
    fed = ", ".join(describe(tensor) for tensor in feed_dict or {}) or "nothing"
    plans = found if stages else found[-1:]
    body = "\n\n".join(f"-- {name}: {len(plan.nodes)} steps\n{plan}" if stages else str(plan) for name, plan in plans)
    return f"== run {number}: {describe(fetches)}, fed {fed}; {len(found[-1][1].nodes)} steps\n{body}"
