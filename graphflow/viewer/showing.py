"""What `tf.viewer.show` returns: a page served by this process, or HTML for a notebook's cell."""

from __future__ import annotations

import threading
import webbrowser
from pathlib import Path
from typing import Any

from graphflow.viewer.load import NamedGraph
from graphflow.viewer.notebook import graph_html, graphs_html
from graphflow.viewer.offline import graphs_page
from graphflow.viewer.runs import RunStore
from graphflow.viewer.server import serve


class Page:
    """Graphs in a page. url: its address; close(): ends it."""

    def __init__(self, graphs: list[NamedGraph], browser: bool, port: int) -> None:
        self._server = serve(RunStore.of_graphs("graph", graphs), "127.0.0.1", port)
        self.url = self._server.url
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
        self._thread.start()
        if browser:
            webbrowser.open(self.url)

    def wait(self) -> None:
        """Waits until Ctrl-C, then ends the page."""
        try:
            self._thread.join()
        except KeyboardInterrupt:
            print()
            self.close()

    def close(self) -> None:
        """Ends the page."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __repr__(self) -> str:
        return f"<graph at {self.url}>"


class Inline:
    """A graph in a notebook's cell."""

    url = ""

    def __init__(self, graphs: list[NamedGraph]) -> None:
        self._graphs = graphs

    def close(self) -> None:
        """Nothing to end: what a cell shows lives in the notebook."""

    def _repr_html_(self) -> str:
        return graph_html(self._graphs[0].buf) if len(self._graphs) == 1 else graphs_html(self._graphs)


def write_page(graphs: list[NamedGraph], file: Any) -> Any:
    """Writes graphs as one HTML file that needs no server; its path."""
    Path(file).write_text(graphs_page(graphs, graphs[-1].name), encoding="utf-8")
    return file
