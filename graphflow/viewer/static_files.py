"""The page's files, and the linker that joins its modules into one script.

The page is plain ES modules that any static server could serve; so that it loads in few requests, and offline from one
file, an entry is served with all it imports joined in front of it, each module in a function of its own. Only the forms
of import and export that the page uses are taken; anything else is an error with file and line.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

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

IN_FRONT = {"layout_worker.js": ("vendor/viz.js",)}  # scripts without modules, served as one

_IMPORT = re.compile(
    r'^import\s+(?:\{(?P<names>[^}]*)\}|\*\s+as\s+(?P<all>\w+))\s+from\s+"(?P<from>\.[^"]+)";[ \t]*$', re.MULTILINE
)
_EXPORT = re.compile(r"^export\s+(?P<what>async function\*?|function\*?|class|const|let)\s+(?P<name>[\w$]+)", re.MULTILINE)
_LEFT = re.compile(r"^\s*(?:import\b(?!\s*[.(])|export\b)|\bimport\s*\(|\bimport\.meta\b", re.MULTILINE)


@functools.cache
def listing() -> frozenset[str]:
    """Names of the files that may be served."""
    return frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file() and path.suffix in TYPES)


@functools.cache
def entries() -> frozenset[str]:
    """The scripts that are served with their imports."""
    path = STATIC / "entries.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else frozenset({"app.js"})


def read(name: str) -> bytes:
    """The bytes of a static file as served; ViewerError for a name that is not in the listing."""
    if name not in listing():
        raise ViewerError(f"there is no file {name!r}")
    if name in entries():
        return link(name).encode()
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
    code = link(name).replace("</script", "<\\/script").replace("<!--", "<\\!--")
    hashes.append(_hash(code))
    return f"<script>{code}</script>"


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def link(entry: str, root: Path = STATIC) -> str:
    """The entry and all modules it imports as one classic script."""
    parts: list[str] = []
    numbers: dict[str, int] = {}
    _add(entry, root, numbers, [], parts)
    return '(function () {\n"use strict";\n' + "\n".join(parts) + "\n})();\n"


def _add(name: str, root: Path, numbers: dict[str, int], path: list[str], parts: list[str]) -> None:
    if name in path:
        raise ViewerError(f"{name}: modules import each other in a circle: {' -> '.join([*path, name])}")
    if name in numbers:
        return
    try:
        text = (root / name).read_text(encoding="utf-8")
    except OSError:
        raise ViewerError(f"{path[-1] if path else 'entries.json'}: there is no module {name}") from None
    for found in _IMPORT.finditer(text):
        _add(_resolve(name, found["from"]), root, numbers, [*path, name], parts)
    numbers[name] = len(numbers)
    names = [found["name"] for found in _EXPORT.finditer(text)]
    text = _IMPORT.sub(lambda found: _binding(found, numbers[_resolve(name, found["from"])]), text)
    text = _EXPORT.sub(lambda found: f"{found['what']} {found['name']}", text)
    code = re.sub(
        r"/\*.*?\*/|(?<!:)//[^\n]*|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\\n])*\"",
        lambda m: re.sub(r"[^\n]", " ", m[0]),
        text,
        flags=re.DOTALL,
    )
    left = _LEFT.search(code)
    if left:
        line = code.count("\n", 0, left.end()) + 1
        raise ViewerError(f"{name}:{line}: the linker does not know this form of import or export")
    parts.append(f"// {name}\nconst $m{numbers[name]} = (function () {{\n{text}\nreturn {{{', '.join(names)}}};\n}})();")


def _binding(found: re.Match[str], number: int) -> str:
    lines = "\n" * found[0].count("\n")
    if found["all"]:
        return f"const {found['all']} = $m{number};{lines}"
    names = [re.sub(r"\s+as\s+", ": ", part.strip()) for part in found["names"].split(",") if part.strip()]
    return f"const {{{', '.join(names)}}} = $m{number};{lines}"


def _resolve(name: str, target: str) -> str:
    parts: list[str] = list(PurePosixPath(name).parent.parts)
    for part in target.split("/"):
        if part == "..":
            if not parts:
                raise ViewerError(f"{name}: {target} leads out of the page's folder")
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
