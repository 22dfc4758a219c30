"""The page's files. Its scripts are built from the modules beside them by `tools/build_page.py` (esbuild) and kept in `static/built`."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from graphflow.viewer.errors import ViewerError

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".ico": "image/x-icon",
    ".md": "text/plain; charset=utf-8",
}

BUILT = {"app.js": "built/app.js", "start.js": "start.js"}  # scripts that index.html names
IN_FRONT = {"layout_worker.js": ("vendor/viz.js",)}  # scripts without modules, served as one
PLAIN = ("index.html", "favicon.svg", "layout_worker.js", "stream_worker.js", "start.js", "style.css")


@functools.cache
def listing() -> frozenset[str]:
    """Names of the files that may be served: the page, what was built, what is others' work."""
    folders = [path.relative_to(STATIC).as_posix() for folder in ("built", "vendor") for path in (STATIC / folder).iterdir()]
    return frozenset([*PLAIN, *(name for name in folders if Path(name).suffix in TYPES)])


def read(name: str) -> bytes:
    """The bytes of a static file as served; ViewerError for a name that is not in the listing."""
    if name not in listing():
        raise ViewerError(f"there is no file {name!r}")
    return b"\n".join((STATIC / part).read_bytes() for part in (*IN_FRONT.get(name, ()), name))


@dataclass
class Inlined:
    """A page with its styles and scripts inside, and the hashes by which a policy lets these and no others run."""

    text: str
    styles: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)


def inlined(text: str) -> Inlined:
    """index.html with the stylesheets and scripts that it names put in their places."""
    out = Inlined("")
    text = re.sub(r'<link rel="stylesheet" href="static/([^"]+)">', lambda m: _style(m[1], out.styles), text)
    out.text = re.sub(r'<script(?: type="module")? src="static/([^"]+)"></script>', lambda m: _script(m[1], out.scripts), text)
    return out


def _style(name: str, hashes: list[str]) -> str:
    css = (STATIC / name).read_text(encoding="utf-8")
    hashes.append(_hash(css))
    return f"<style>{css}</style>"


def _script(name: str, hashes: list[str]) -> str:
    code = (STATIC / BUILT.get(name, name)).read_text(encoding="utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    hashes.append(_hash(code))
    return f"<script>{code}</script>"


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
