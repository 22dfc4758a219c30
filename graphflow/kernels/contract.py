"""What a kernel may ask of the array namespace that it gets as `xp`: numpy's own while running, the tracer while a plan is made.

Values are numpy arrays or nodes of a plan, which have `shape`, `dtype`, `ndim`, `size`, the operators, and indexing by ints, slices, None
and Ellipsis. Functions are numpy's unless it says otherwise here. A kernel with `host = True` gets numpy's namespace always; what it
needs beyond this list it takes from numpy itself.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

Unary = Callable[[Any], Any]
Binary = Callable[[Any, Any], Any]
Ternary = Callable[[Any, Any, Any], Any]
Kernel = Callable[..., Any]        # see plan.kernels for arrays and parameters of each


class Reduction(Protocol):
    def __call__(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any: ...


class Place(Protocol):
    def __call__(self, x: Any, axis: int) -> Any: ...


class Joining(Protocol):
    def __call__(self, parts: Sequence[Any], axis: int = 0) -> Any: ...


class Taking(Protocol):
    def __call__(self, x: Any, indices: Any, axis: int = 0) -> Any: ...


class Transposing(Protocol):
    def __call__(self, x: Any, axes: Any = None) -> Any: ...


class Like(Protocol):
    def __call__(self, x: Any, dtype: Any = None) -> Any: ...


class Check(Protocol):
    def __call__(self, bad: Any, text: str, values: Any = None) -> None: ...


class Namespace(Protocol):
    """The type of `xp`. Every name here is there in both namespaces (a test looks)."""
    # one value in, one out, element by element; floating ones refuse nothing: what is out of their domain gives NaN
    exp: Unary
    expm1: Unary
    log: Unary
    log1p: Unary
    sqrt: Unary
    rsqrt: Unary                # 1 / sqrt(x)
    sigmoid: Unary              # 1 / (1 + exp(-x))
    tanh: Unary
    sin: Unary
    cos: Unary
    tan: Unary
    arcsin: Unary
    arccos: Unary
    arctan: Unary
    sinh: Unary
    cosh: Unary
    arcsinh: Unary
    arccosh: Unary
    arctanh: Unary
    erf: Unary
    erfc: Unary
    erfinv: Unary
    ndtri: Unary                # where the normal distribution function is x
    lgamma: Unary
    digamma: Unary
    bessel_i0: Unary
    bessel_i0e: Unary
    bessel_i1: Unary
    bessel_i1e: Unary
    negative: Unary
    abs: Unary
    absolute: Unary
    sign: Unary
    square: Unary
    floor: Unary
    ceil: Unary
    rint: Unary
    trunc: Unary
    reciprocal: Unary
    conj: Unary
    invert: Unary
    real: Unary
    imag: Unary
    isnan: Unary
    isinf: Unary
    isfinite: Unary
    logical_not: Unary
    # two values that are broadcast against each other
    add: Binary
    subtract: Binary
    multiply: Binary
    divide: Binary
    floor_divide: Binary
    remainder: Binary
    fmod: Binary
    power: Binary
    maximum: Binary
    minimum: Binary
    arctan2: Binary
    nextafter: Binary
    bitwise_and: Binary
    bitwise_or: Binary
    bitwise_xor: Binary
    left_shift: Binary
    right_shift: Binary
    greater: Binary
    greater_equal: Binary
    less: Binary
    less_equal: Binary
    equal: Binary
    not_equal: Binary
    logical_and: Binary
    logical_or: Binary
    logical_xor: Binary
    make_complex: Binary        # real and imaginary part
    igamma: Binary
    igammac: Binary
    igamma_grad_a: Binary
    zeta: Binary
    polygamma: Binary
    betainc: Ternary
    where: Ternary
    clip: Ternary
    # along axes
    sum: Reduction
    prod: Reduction
    max: Reduction
    min: Reduction
    any: Reduction
    all: Reduction
    mean: Reduction
    argmax: Place               # int64; NaN never wins
    argmin: Place
    # products, layout, parts
    matmul: Binary
    einsum: Kernel              # (equation, *arrays): explicit, without ellipses
    transpose: Transposing
    swapaxes: Ternary
    reshape: Binary
    ravel: Unary
    expand_dims: Place
    squeeze: Callable[..., Any]
    broadcast_to: Binary
    concatenate: Joining
    stack: Joining
    take: Taking                # indices must be in range: `check` comes before
    zeros: Binary               # (shape, dtype)
    zeros_like: Like
    ones_like: Like
    astype: Binary              # (x, numpy dtype)
    shape: Unary
    ndim: Unary
    # of ours
    known: Unary                # the value of an argument that shapes depend on, as an array
    check: Check                # fails the run where a flag is set; see kernels.complaints for the text
    conv: Kernel
    conv_filter_gradient: Kernel
    conv_input_gradient: Kernel
    depthwise_conv: Kernel
    depthwise_filter_gradient: Kernel
    depthwise_input_gradient: Kernel
    dilation: Kernel
    dilation_filter_gradient: Kernel
    dilation_input_gradient: Kernel
    max_pool: Kernel
    max_pool_gradient: Kernel
    max_pool_gradient_gradient: Kernel
    max_pool_positions: Kernel
    avg_pool: Kernel
    avg_pool_gradient: Kernel
    scatter_rows: Kernel
    write_slice: Kernel
    segment_reduce: Kernel
    one_hot: Kernel
    sparse_product: Kernel
    band_part: Kernel
    cumulative: Kernel
    top_positions: Kernel
    sorted_positions: Kernel
    search_rows: Kernel
    take_along: Kernel
    resize_images: Kernel
    resize_images_gradient: Kernel
    draw: Kernel
    draw_integers: Kernel
    place_from_seeds: Kernel
    bitcast: Kernel
