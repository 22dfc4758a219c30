"""Rows of op types that gradients make, and of those that old graphs hold, made as nodes of their own."""

from __future__ import annotations

import numpy as np

from . import FLOATING, row, sample
from ._raw import raw


def of_output(op, reference, **options):
    """A gradient op that takes the output y and its gradient dy."""
    row(op, lambda tf, y, dy: raw(tf, op, y=y, dy=dy), name=f"{op} as a node", samples=lambda r: [sample(r(2, 3), r(2, 3))],
        reference=reference, **options)


of_output("SigmoidGrad", lambda y, dy: dy * y * (1 - y))
of_output("TanhGrad", lambda y, dy: dy * (1 - y * y))
of_output("SqrtGrad", lambda y, dy: dy * 0.5 / y, domain=(0.5, 2.0))
of_output("RsqrtGrad", lambda y, dy: dy * -0.5 * y**3)
of_output("ReciprocalGrad", lambda y, dy: -dy * y * y)
of_output("InvGrad", lambda y, dy: -dy * y * y)
for masked in ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "InvGrad"):       # where nothing flows in nothing flows out, even from 1 / 0
    row(masked, lambda tf, y, dy, op=masked: raw(tf, op, y=y, dy=dy), name=f"{masked} of zeros", gradient=False,
        samples=lambda r: [sample(np.array([0.0, np.nan, np.inf, -np.inf]), np.zeros(4))], reference=lambda y, dy: dy)

row("Bincount", lambda tf, x, w: raw(tf, "Bincount", arr=x, size=4, weights=w), name="Bincount as a node", dtypes=FLOATING, gradient=False,
    samples=lambda r: [sample(np.array([1, 1, 3, 9], "i4"), r(4))], reference=lambda x, w: np.array([0, w[0] + w[1], 0, w[2]], w.dtype))
row("Bucketize", lambda tf, x: raw(tf, "Bucketize", input=x, boundaries=[0.0, 1.0, 2.5]), name="Bucketize as a node", dtypes=FLOATING, gradient=False,
    samples=lambda r: [sample(np.array([-1.0, 0.0, 0.5, 1.0, 2.5, 9.0]))], reference=lambda x: np.array([0, 1, 1, 2, 3, 3], "i4"))
row("Eig", lambda tf, x: raw(tf, "Eig", input=x, Tout=tf.complex64 if x.dtype == "float32" else tf.complex128)[0],
    name="eigenvalues of a triangular matrix", gradient=False, tolerance=10.0, samples=lambda r: [sample(np.array([[1.0, 2.0], [0.0, 3.0]]))],
    reference=lambda x: np.array([1, 3], "c8" if x.dtype == np.float32 else "c16"))
row(("SerializeTensor", "ParseTensor"), lambda tf, x: tf.parse_tensor(tf.io.serialize_tensor(x), x.dtype), name="serialize and parse",
    samples=lambda r: [sample(r(2, 3))], dtypes=(*FLOATING, "int32", "bool"), gradient=False, reference=lambda x: x)
