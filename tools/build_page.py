"""Builds the scripts of the viewer's page from the modules in graphflow/viewer/static, with esbuild (an npm package):

    npm install --no-save esbuild@0.28.2
    python tools/build_page.py

`built/sources.sha256` holds the checksum of the modules that the scripts were built from; a test compares it, so that a changed module
cannot be forgotten. GRAPHFLOW_ESBUILD names another place of the program.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "graphflow" / "viewer" / "static"
ENTRIES = {"app.js": ["app.js"], "log.js": ["log.js", "--global-name=graphflowLog"], "offline_worker.js": ["offline/worker.js"]}

OPTIONS = ["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--target=es2022", "--log-level=warning"]


def sources(static: Path = STATIC) -> list[Path]:
    """The modules, without what was built and what is others' work."""
    return sorted(p for p in (*static.rglob("*.js"), static / "drawing.json") if not {"built", "vendor"} & set(p.relative_to(static).parts))


def checksum(static: Path = STATIC) -> str:
    """SHA-256 over the modules in name order, line ends as \\n whatever the checkout made of them."""
    digest = hashlib.sha256()
    for path in sources(static):
        digest.update(path.relative_to(static).as_posix().encode() + b"\n" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def program() -> str:
    local = Path("node_modules/.bin/esbuild")
    found = os.environ.get("GRAPHFLOW_ESBUILD") or (str(local) if local.exists() else shutil.which("esbuild"))
    if not found:
        sys.exit("esbuild is not here: npm install --no-save esbuild@0.28.2")
    return found


def build(static: Path = STATIC) -> None:
    built = static / "built"
    built.mkdir(exist_ok=True)
    for name, (entry, *options) in ENTRIES.items():
        subprocess.run([program(), str(static / entry), *OPTIONS, f"--outfile={built / name}", *options], check=True)
    (built / "sources.sha256").write_text(checksum(static) + "\n")


if __name__ == "__main__":
    build()
