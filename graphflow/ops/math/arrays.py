"""The array functions that gradients of math ops are made of, gathered from ops.array in one place."""
from ..array.basic import broadcast_to, cast, identity, reshape, shape_as_tensor, shape_internal, stop_gradient, zeros_like_op
from ..array.fill import ones, ones_like, range, zeros, zeros_like
from ..array.indexing import gather
from ..array.joining import concat, stack
from ..array.layout import expand_dims, matrix_transpose, rank, size, squeeze, transpose
from ..array.select import where, where_v2
from ..array.stitch import dynamic_stitch, invert_permutation, list_diff
from ..array.tile import tile

__all__ = ["broadcast_to", "cast", "concat", "dynamic_stitch", "expand_dims", "gather", "identity", "invert_permutation", "list_diff",
           "matrix_transpose", "ones", "ones_like", "range", "rank", "reshape", "shape_as_tensor", "shape_internal", "size", "squeeze",
           "stack", "stop_gradient", "tile", "transpose", "where", "where_v2", "zeros", "zeros_like", "zeros_like_op"]
