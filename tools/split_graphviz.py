"""Splits Viz.js into its script and Graphviz's WebAssembly, so that a browser compiles the one while it still loads.

    python tools/split_graphviz.py viz-global.js

`dist/viz-global.js` of the npm package `@viz-js/viz` holds the WebAssembly as a text literal. Writes `viz.wasm` and `viz.js` (the
rest, which takes a module from `self.graphvizModule`) into graphflow/viewer/static/vendor.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "graphflow/viewer/static/vendor"
LITERAL = re.compile(r"function o\(\)\{return function\(A\)\{.{0,200}?\}\('(?P<text>\\0asm(?:[^'\\]|\\.)*)'\)\}", re.DOTALL)
START = "return await WebAssembly.instantiate(r,v)"
ESCAPES = {"0": 0, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


def split(source: str) -> tuple[str, bytes]:
    """(script, WebAssembly) of Viz.js; ValueError when it is not made as this expects."""
    found = LITERAL.findall(source)
    if len(found) != 1 or source.count(START) != 1:
        raise ValueError("this Viz.js is built in another way than 3.31; see how it makes its WebAssembly module")
    script = LITERAL.sub("function o(){return self.graphvizModule}", source)
    return script.replace(START, "return{instance:await WebAssembly.instantiate(await r,v)}"), _bytes(found[0])


def _bytes(literal: str) -> bytes:
    """The bytes of a JavaScript literal of one character a byte (256 and above stand for zero)."""
    text = re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", lambda m: _letter(m[1]), literal, flags=re.DOTALL)
    return bytes(ord(letter) if ord(letter) < 256 else 0 for letter in text)


def _letter(escape: str) -> str:
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return chr(ESCAPES[escape]) if escape in ESCAPES else escape


def main(path: str) -> int:
    script, wasm = split(Path(path).read_text(encoding="utf-8"))
    (VENDOR / "viz.js").write_text(script, encoding="utf-8")
    (VENDOR / "viz.wasm").write_bytes(wasm)
    print(f"viz.js {len(script.encode()):,} bytes, viz.wasm {len(wasm):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
