"""The local server of the page: the standard library's, on loopback. What it refuses and how it answers is in `answers.py`."""

from __future__ import annotations

import functools
import os
import queue
import secrets
import socket
import socketserver
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from typing import Any

from graphflow.viewer import late, static_files
from graphflow.viewer.answers import LOOPBACK, Handler, Ready
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.first_page import document
from graphflow.viewer.library import Library
from graphflow.viewer.routes import Routes
from graphflow.viewer.runs import RunStore

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MOST_NAMED = 500  # runs that a notice of change names; more are all
QUIET = 1.0  # seconds without a request after which look-ups are made ahead


class ViewServer(ThreadingHTTPServer):
    """Serves one store. token: demanded from every request when the host is not loopback."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # a restarted server finds its port again, and open pages find the server
    request_queue_size = 64

    def __init__(self, store: RunStore, host: str = "127.0.0.1", port: int = 0, allowed: tuple[str, ...] = ()) -> None:
        """allowed: further names under which the page may be asked for, as through a proxy."""
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host = host
        self.allowed = {name.lower() for name in allowed}
        self.token = "" if host in LOOPBACK else secrets.token_urlsafe(18)
        self.store, self.library = store, Library(store)
        self.listeners: set[queue.Queue] = set()
        self.closing = threading.Event()
        self.asked = 0.0  # when the last request came, by the monotonic clock
        self._routes: Any = None
        self._making = threading.Lock()  # pages, the stream and the watcher ask at the same time
        self._cache: dict[str, Ready] = {}
        self._document: tuple[Any, Ready] | None = None
        super().__init__((host, port), Handler)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.server_address[1]}/" + (f"?token={self.token}" if self.token else "")

    def server_bind(self) -> None:
        # the parent's looks up the host's full name, which can take seconds
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, self.server_address[1]

    @property
    def routes(self) -> Any:
        with self._making:
            if self._routes is None:
                self._routes = Routes(self.store, self.library)
            return self._routes

    def tell(self, message: dict[str, Any]) -> None:
        """Sends a message to every open page."""
        for listener in list(self.listeners):
            listener.put(message)

    def watch(self, every: float | None = None) -> None:
        """Reads what is added to the files, until the server closes; tells the pages. every: seconds between looks (as the store says)."""
        while True:
            first = not self.store.looked
            changed = self.store.refresh(self.announce, paced=every is None)
            if changed or first:
                self.announce(changed)
            if self.closing.wait(self.store.pause() if every is None else every):
                return

    def announce(self, changed: dict[str, set[str]]) -> None:
        """Tells the pages what changed, and how far the reading is."""
        runs = sorted(changed) if len(changed) <= MOST_NAMED else None
        what = sorted(set().union(*changed.values())) if changed else []
        self.tell({"type": "change", "runs": runs, "what": what, "stamp": self.store.stamp, "reading": self.store.reading()})

    def prepare(self) -> None:
        """Makes the tree of the graph that the page will show first."""
        graph = self.library.default()
        if graph is not None:
            try:
                self.library.open(graph.id)
            except ViewerError:
                return  # the page will ask for it and show the error
            threading.Thread(target=self._look_ahead, args=(graph.id,), daemon=True).start()

    def _look_ahead(self, ident: str) -> None:
        """Makes the look-ups of traces and searches before they are first asked for, in moments when nobody waits for an answer."""
        for make in (late.trace.prepare, late.search.names_of):
            self.asked = time.monotonic()
            while time.monotonic() - self.asked < QUIET:
                if self.closing.wait(QUIET / 4):
                    return
            opened = self.library.at_hand(ident)
            if opened is not None:
                make(opened.tree)

    def static(self, name: str) -> Ready:
        """A page file, kept in memory, packed when it goes over a network."""
        if name not in self._cache:
            data = static_files.read(name)  # refuses names that are not in the listing
            kind = static_files.TYPES["." + name.rpartition(".")[2]]
            near_and_large = not self.token and len(data) > 200_000  # this machine copies faster than it unpacks
            self._cache[name] = Ready.of(data, kind, not near_and_large and kind != "image/png")
        return self._cache[name]

    @functools.cached_property
    def page(self) -> static_files.Inlined:
        """index.html with its styles and scripts inside: one request instead of three."""
        return static_files.inlined(static_files.read("index.html").decode())

    @functools.cached_property
    def policy(self) -> str:
        """The content security policy; the scripts and styles inside the page are allowed by their hashes."""
        found = self.page
        return CSP.replace("'wasm-unsafe-eval'", " ".join(["'wasm-unsafe-eval'", *found.scripts])).replace(
            "style-src 'self'", " ".join(["style-src 'self'", *found.styles])
        )

    def warm(self) -> None:
        """Makes what a page asks for first, so that its first request need not wait for it."""
        for name in ("layout_worker.js", "vendor/viz.wasm"):
            self.static(name)
        self.document()

    def document(self) -> Ready:
        """The page with what it shows first inside it, as far as that is at hand."""
        key = (self.store.stamp, self.store.done, self.library.made)
        if self._document is None or self._document[0] != key:
            made = document(self.page.text, self.store, self.library, self.routes)
            self._document = (key, Ready.of(made, static_files.TYPES[".html"]))
        return self._document[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or sends what is no request, is no news."""
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ValueError)):
            super().handle_error(request, client_address)

    def shutdown(self) -> None:
        self.closing.set()
        self.tell({})
        super().shutdown()


def serve(store: RunStore, host: str, port: int, tries: int = 100, allowed: tuple[str, ...] = ()) -> ViewServer:
    """A server on `port`, or on the next free one."""
    last: OSError | None = None
    for number in [*range(port, min(port + tries, 65536)), 0]:
        try:
            return ViewServer(store, host, number, allowed)
        except OSError as error:
            last = error
    raise ViewerError(f"no port could be opened on {host}: {last}")
