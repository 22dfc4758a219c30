"""Compiles graphflow/formats/proto/*.proto to messages.desc, the descriptor set that the package loads.

    pip install grpcio-tools
    python tools/compile_protos.py

`messages.sha256` holds the checksum of the texts that messages.desc was made from; a test compares it, so that a changed text
cannot be forgotten.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "graphflow" / "formats" / "proto"


def sources_checksum(folder: Path = FOLDER) -> str:
    """SHA-256 over the texts in name order, line ends as \\n whatever the checkout made of them."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.proto")):
        digest.update(path.name.encode() + b"\n" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def compile_protos(folder: Path = FOLDER) -> None:
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "graphflow")
        root.mkdir()
        for path in folder.glob("*.proto"):
            shutil.copy(path, root)
        well_known = Path(protoc.__file__).parent / "_proto"
        names = sorted(str(path) for path in root.glob("*.proto"))
        out = folder / "messages.desc"
        command = ["protoc", f"-I{scratch}", f"-I{well_known}", "--include_imports", f"--descriptor_set_out={out}", *names]
        if protoc.main(command) != 0:
            sys.exit(1)
    (folder / "messages.sha256").write_text(sources_checksum() + "\n")


if __name__ == "__main__":
    compile_protos()
