"""What the viewer's server refuses, and how it answers.

Refused, and why: other methods than GET and HEAD (405); a Host that is no loopback name (a foreign name that
resolves to this machine: DNS rebinding) and was not allowed by --allow-host; an Origin that is not its own; on any host but
loopback, requests without the token. The port in Host may be another one: `ssh -L 8000:localhost:6006` is a usual way here. Files go
out by name from the page's own listing, data by id, never by a path from the request.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import hmac
import json
import queue
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.request import NotFound, Raw

if TYPE_CHECKING:
    from graphflow.viewer.server import ViewServer

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LONGEST = 200_000  # characters of a request's address


@dataclass
class Ready:
    """A file as it goes out: its bytes, packed too where that helps, and a tag that names the content."""

    data: bytes
    packed: bytes | None
    tag: str
    kind: str

    @classmethod
    def of(cls, data: bytes, kind: str, pack: bool = True) -> Ready:
        packed = gzip.compress(data, 5, mtime=0) if pack and len(data) > 1200 else None
        return cls(data, packed, hashlib.blake2b(data, digest_size=8).hexdigest(), kind)


class Handler(BaseHTTPRequestHandler):
    server: ViewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "graphflow", ""
    timeout = 60
    disable_nagle_algorithm = True
    _headers_buffer: list[bytes]

    def do_GET(self) -> None:
        self._guard(self._get)

    def do_HEAD(self) -> None:
        self._guard(self._get)

    def _guard(self, answer: Callable[[], None]) -> None:
        self.server.asked = time.monotonic()
        if self.request_version == "HTTP/0.9":  # has no head: what is sent gets an answer that has one
            self.request_version = "HTTP/1.0"
        try:
            problem = self._refusal()
            if problem:
                self._send_error(*problem)
            else:
                answer()
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """One line for the person at the terminal, and an answer that says the same."""
        text = f"the viewer failed on this request: {type(error).__name__}: {error}"
        self.close_connection = True
        if not self.server.closing.is_set():
            print(f"graphflow view: {self.path[:200]}: {text}", file=sys.stderr)
            with contextlib.suppress(OSError):
                self._send_error(500, text)

    def _refusal(self) -> tuple[int, str] | None:
        if len(self.path) > LONGEST:
            return 414, "the address is too long"
        host = re.sub(r":\d*$", "", self.headers.get("Host") or "").lower()
        if not self.server.token and host not in LOOPBACK | {"[::1]"} | self.server.allowed:
            return 403, f"this viewer is not called {host!r}; to allow the name: graphflow view ... --allow-host {host or 'NAME'}"
        origin = self.headers.get("Origin")
        if origin and origin.partition("://")[2] != self.headers.get("Host"):
            return 403, "requests from other sites are refused"
        if self.server.token and not self._has_token():
            return 403, "the token is missing or wrong; open the address that `graphflow view` printed"
        return None

    def _has_token(self) -> bool:
        given = [parse_qs(self.path.partition("?")[2]).get("token", [""])[0]]
        for part in (self.headers.get("Cookie") or "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == "graphflow_token":
                given.append(value)
        return any(hmac.compare_digest(text.encode("utf-8", "replace"), self.server.token.encode()) for text in given)

    def _get(self) -> None:
        try:
            parts = urlsplit(self.path)
        except ValueError as error:
            self._send_error(400, f"the address makes no sense: {error}")
            return
        path = parts.path
        if path in ("/", "/index.html"):
            self._ready(self.server.document())
        elif path.startswith("/static/"):
            self._static(unquote(path[8:]))
        elif path == "/favicon.ico":
            self._static("favicon.svg")
        elif path == "/api/v1/events":
            self._events()
        elif path.startswith("/api/v1/"):
            self._api(unquote(path[8:]), parse_qs(parts.query, keep_blank_values=True, max_num_fields=20_000))
        else:
            self._send_error(404, "there is nothing here")

    def _static(self, name: str) -> None:
        try:
            found = self.server.static(name)
        except ViewerError as error:
            self._send_error(404, str(error))
            return
        self._ready(found)

    def _ready(self, found: Ready) -> None:
        if self.headers.get("If-None-Match") == f'"{found.tag}"':
            self._send(304, b"", "", {"ETag": f'"{found.tag}"'})
            return
        extra = {"ETag": f'"{found.tag}"', "Cache-Control": "no-cache"}
        if found.packed and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            self._write(200, found.packed, extra | {"Content-Type": found.kind, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        else:
            self._write(200, found.data, extra | {"Content-Type": found.kind})

    def _api(self, path: str, query: dict[str, list[str]]) -> None:
        try:
            value = self.server.routes.answer(path, query)
        except NotFound as error:
            self._send_error(404, str(error))
            return
        except ViewerError as error:
            self._send_error(400, str(error))
            return
        if isinstance(value, Raw):
            extra = {"Content-Disposition": f'attachment; filename="{value.name}"'} if value.name else {}
            if isinstance(value.data, bytes):
                self._send(200, value.data, value.type, extra)
            else:
                self._stream(value.data, value.type, extra)
        else:
            body = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
            self._send(200, body, "application/json", {"Cache-Control": "no-store"})

    def _events(self) -> None:
        """Server-sent events until the page goes or the server closes."""
        self.close_connection = True
        mine: queue.Queue = queue.Queue()
        self.server.listeners.add(mine)
        try:
            self.send_response(200)
            self._headers({"Content-Type": "text/event-stream", "Cache-Control": "no-store", "Connection": "close"})
            message: dict[str, Any] | None = {"type": "hello", "stamp": self.server.store.stamp, "boot": self.server.routes.log.boot,
                                              "reading": self.server.store.reading()}  # fmt: skip
            while self.command == "GET" and not self.server.closing.is_set():
                if message:
                    self.wfile.write(f"event: message\ndata: {json.dumps(message)}\n\n".encode())
                elif message is None:
                    self.wfile.write(b": still here\n\n")
                self.wfile.flush()
                try:
                    message = mine.get(timeout=15)
                except queue.Empty:
                    message = None
        finally:
            self.server.listeners.discard(mine)

    def _send_error(self, status: int, text: str, extra: dict[str, str] | None = None) -> None:
        self._send(
            status, json.dumps({"error": text}).encode(), "application/json", {"Cache-Control": "no-store"} | (extra or {})
        )

    def _send(self, status: int, data: bytes, kind: str, extra: dict[str, str] | None = None) -> None:
        extra = dict(extra or {})
        if kind:
            extra["Content-Type"] = kind
        near = kind == "application/octet-stream" and not self.server.token  # this machine copies faster than it unpacks
        small = len(data) < 1200 or near or kind.startswith(("image/", "audio/"))
        if not small and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            data = gzip.compress(data, 4)
            extra["Content-Encoding"] = "gzip"
            extra["Vary"] = "Accept-Encoding"
        self._write(status, data, extra)

    def _stream(self, pieces: Iterable[bytes], kind: str, extra: dict[str, str]) -> None:
        """An answer whose length is not known yet, piece by piece; its end is the connection's."""
        self.close_connection = True
        self.send_response(200)
        self._headers(extra | {"Content-Type": kind, "Connection": "close", "Cache-Control": "no-store"})
        if self.command != "HEAD":
            for piece in pieces:
                self.wfile.write(piece)

    def _write(self, status: int, data: bytes, extra: dict[str, str]) -> None:
        """Head and body in one piece: as two, the second could wait for the other side's acknowledgement of the first."""
        self.send_response(status)
        self._headers(extra | {"Content-Length": str(len(data))}, flush=False)
        if self.command != "HEAD" and status != 304:
            self._headers_buffer.append(data)
        self.flush_headers()

    def _headers(self, extra: dict[str, str], flush: bool = True) -> None:
        cookie = {}
        if self.server.token and "token=" in self.path:
            cookie = {"Set-Cookie": f"graphflow_token={self.server.token}; HttpOnly; SameSite=Strict; Path=/"}
        for name, value in {**HEADERS, "Content-Security-Policy": self.server.policy, **extra, **cookie}.items():
            self.send_header(name, value)
        if flush:
            self.end_headers()
        else:
            self._headers_buffer.append(b"\r\n")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Called by the parent for methods it does not know and for malformed requests."""
        if self.request_version == "HTTP/0.9":
            self.request_version = "HTTP/1.0"
        if code == 501:
            self._send_error(405, "only GET and HEAD are answered", {"Allow": "GET, HEAD", "Connection": "close"})
        else:
            self._send_error(code, message or "bad request", {"Connection": "close"})
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged; the terminal belongs to the user."""
