"""Strings that are compressed, or hold Examples as JSON, turned into plain bytes."""
from __future__ import annotations

import json
import zlib
from typing import Any

from graphflow.core.dtypes import string
from graphflow.core.errors import DataLossError, InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Op, Spec, require
from graphflow.core.tensor import Tensor
from graphflow.formats import proto
from graphflow.formats.record import COMPRESSION
from graphflow.ops.string.base import each

from ...kernels.contract import Namespace


class DecodeCompressed(Op, sig="bytes: string -> output: string", host=True):
    """Each string, decompressed."""

    compression_type: str = ""

    def infer(self, data: Spec) -> Spec:
        require(self.compression_type in COMPRESSION, "Only ZLIB, GZIP or NONE are supported compressions, "
                                                      f"got {self.compression_type!r}")
        return Spec(string, data.shape)

    def kernel(self, xp: Namespace, data: Any) -> Any:
        bits = COMPRESSION[self.compression_type]
        return each(data, lambda one: _inflated(one, bits) if bits else one)


def _inflated(data: bytes, bits: int) -> bytes:
    """All bytes of a stream, which must be whole; gzip may be several streams one after the other."""
    found = []
    while data:
        stream = zlib.decompressobj(bits)
        try:
            found.append(stream.decompress(data))
        except zlib.error as error:
            raise DataLossError(None, None, f"inflate() failed: {error}") from None
        if not stream.eof:
            raise DataLossError(None, None, f"the compressed string of {len(data)} bytes is cut off")
        data = stream.unused_data
    return b"".join(found)


class DecodeJSONExample(Op, sig="json_examples: string -> binary_examples: string", host=True):
    """Each JSON text as a serialized Example."""

    def infer(self, texts: Spec) -> Spec:
        return Spec(string, texts.shape)

    def kernel(self, xp: Namespace, texts: Any) -> Any:
        return each(texts, _example_of)


def _example_of(text: bytes) -> bytes:
    from google.protobuf import json_format  # at first use: saves 20 ms

    try:
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError(f"expected an object, found {type(fields).__name__}")
        return proto.to_bytes(json_format.ParseDict(fields, proto.Example()))
    except (json_format.ParseError, ValueError, RecursionError) as error:
        raise InvalidArgumentError(None, None, f"Error while parsing JSON: {error}") from None


@export("decode_compressed", "io.decode_compressed")
def decode_compressed(bytes: Any, compression_type: str = "", name: str | None = None) -> Tensor:
    """The strings, decompressed. compression_type: "", "ZLIB" or "GZIP". DataLossError for one that is damaged or cut off."""
    return make(DecodeCompressed, bytes, compression_type=compression_type, name=name)


@export("decode_json_example", "io.decode_json_example")
def decode_json_example(json_examples: Any, name: str | None = None) -> Tensor:
    """Examples given as JSON texts (protobuf's mapping), serialized as `parse_example` takes them."""
    return make(DecodeJSONExample, json_examples, name=name)
