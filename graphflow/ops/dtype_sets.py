"""The sets of dtypes that the math ops allow."""
from ..core import dtypes

FLOATING = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)
WIDE = (dtypes.float32, dtypes.float64)
NARROW = (dtypes.bfloat16, dtypes.float16, dtypes.float32)
COMPLEX = (dtypes.complex64, dtypes.complex128)
INEXACT = (*FLOATING, *COMPLEX)
SIGNED = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
UNSIGNED = (dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64)
INTEGER = (*SIGNED, *UNSIGNED)
REAL = (*FLOATING, *INTEGER)
NUMERIC = (*REAL, *COMPLEX)
QUANTIZED = (dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32)
INDEX = (dtypes.int32, dtypes.int64)
DIFFERENTIABLE = frozenset({*INEXACT, dtypes.resource, dtypes.variant})      # gradients flow through these
