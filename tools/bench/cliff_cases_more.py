"""The rest of the cases of the table of cliffs: places, layouts, elementwise functions, linear algebra, strings."""

from __future__ import annotations

import numpy as np

from tools.bench.cliff_cases import MILLION, case, numbers


def _places() -> None:
    big, rows, wide = (MILLION,), (100_000, 16), (1000, 1000)
    index = numbers(MILLION, MILLION)
    few, many = numbers(100_000, 100_000), numbers(100_000, 1000)
    case("gather 10^6 scalars", lambda tf, x, i: tf.gather(x, i), big, index)
    case("gather 10^5 rows of 16", lambda tf, x, i: tf.gather(x, i), rows, few)
    case("gather 10^5 rows of 16, gradient", lambda tf, x, i: tf.convert_to_tensor(tf.gradients(tf.gather(x, i), x)[0]), rows, few)
    case("gather axis 1 of (1000, 1000)", lambda tf, x, i: tf.gather(x, i, axis=1), wide, numbers(1000, 1000))
    case("gather axis 1 of (1000, 1000), gradient", lambda tf, x, i: tf.gradients(tf.gather(x, i, axis=1), x)[0], wide, numbers(1000, 1000))
    case("gather batch_dims 1", lambda tf, x, i: tf.gather(x, i, batch_dims=1, axis=1), wide, numbers(MILLION, 1000).reshape(wide))
    case("gather_nd 10^6 scalars", lambda tf, x, i: tf.gather_nd(x, i), wide, numbers(2 * MILLION, 1000).reshape(-1, 2))
    case("scatter_nd 10^6 scalars", lambda tf, i, x: tf.scatter_nd(i, x, [MILLION]), index[:, None], big)
    case("scatter_nd 10^5 rows of 16", lambda tf, i, x: tf.scatter_nd(i, x, [100_000, 16]), few[:, None], rows)
    case("tensor_scatter_update 10^5 rows", lambda tf, x, i, u: tf.tensor_scatter_update(x, i, u), rows, few[:, None], rows)
    case("scatter_add 10^5 rows", lambda tf, x, i, u: tf.scatter_add(x, i, u)[0, 0], rows, few, rows)
    case("embedding_lookup 10^5", lambda tf, x, i: tf.nn.embedding_lookup(x, i), rows, few)
    for name in ("segment_sum", "segment_max", "segment_mean", "segment_prod"):
        case(f"{name} 10^6 scalars", lambda tf, x, i, n=name: getattr(tf, n)(x, i), big, np.sort(numbers(MILLION, 1000)))
        case(f"{name} 10^5 rows of 16", lambda tf, x, i, n=name: getattr(tf, n)(x, i), rows, np.sort(many))
    for name in ("unsorted_segment_sum", "unsorted_segment_max", "unsorted_segment_mean", "unsorted_segment_prod"):
        case(f"{name} 10^6 scalars", lambda tf, x, i, n=name: getattr(tf, n)(x, i, 1000), big, numbers(MILLION, 1000))
        case(f"{name} 10^5 rows of 16", lambda tf, x, i, n=name: getattr(tf, n)(x, i, 1000), rows, many)
    case("sparse_segment_sum 10^5 rows", lambda tf, x, i, s: tf.sparse_segment_sum(x, i, s), rows, few, np.sort(many))
    case("argsort (1000, 1000)", lambda tf, x: tf.argsort(x), wide)
    case("sort ints 10^6", lambda tf, x: tf.sort(x), index)
    for shape, k in ((big, 10), (big, 1000), (wide, 1), (wide, 10), (wide, 1000), ((100_000, 10), 3)):
        case(f"top_k {k} of {shape}", lambda tf, x, k=k: tf.nn.top_k(x, k)[1], shape)
    case("in_top_k (10000, 100)", lambda tf, x, y: tf.nn.in_top_k(x, y, 5), (10000, 100), numbers(10000, 100))
    case("unique 10^6 of 1000", lambda tf, x: tf.unique(x)[1], numbers(MILLION, 1000))
    case("unique 10^6 of 10^6", lambda tf, x: tf.unique(x)[1], index)
    case("bincount 10^6", lambda tf, x: tf.bincount(x), numbers(MILLION, 1000))
    case("where 10^6", lambda tf, x: tf.where(x), numbers(MILLION, 2).astype(bool))
    case("boolean_mask rows", lambda tf, x, m: tf.boolean_mask(x, m), rows, numbers(100_000, 2).astype(bool))
    case("dynamic_partition 10^5 rows", lambda tf, x, i: tf.dynamic_partition(x, i, 4)[1], rows, numbers(100_000, 4))
    case("one_hot 10^5 of 10", lambda tf, i: tf.one_hot(i, 10), numbers(100_000, 10))
    case("one_hot 1000 of 1000", lambda tf, i: tf.one_hot(i, 1000), numbers(1000, 1000))
    case("one_hot axis 0", lambda tf, i: tf.one_hot(i, 10, axis=0), numbers(100_000, 10))
    case(
        "sparse matmul",
        lambda tf, v, b: tf.sparse_tensor_dense_matmul(
            tf.SparseTensor(np.stack([np.sort(many), many[::-1]], 1).astype("int64"), v, [1000, 1000]), b
        ),
        (100_000,),
        (1000, 64),
    )
    case(
        "sparse to dense",
        lambda tf, v: tf.sparse_tensor_to_dense(
            tf.SparseTensor(np.stack([np.arange(100_000) // 100, np.arange(100_000) % 100], 1), v, [1000, 1000])
        ),
        (100_000,),
    )


def _layouts() -> None:
    wide, cube = (1000, 1000), (100, 100, 100)
    for axis in (0, 1):
        case(f"concat 2, axis {axis}", lambda tf, a, b, x=axis: tf.concat([a, b], x), wide, wide)
        case(f"concat 50, axis {axis}", lambda tf, a, x=axis: tf.concat(tf.split(a, 50, 0), x), wide)
        case(f"stack 10, axis {axis}", lambda tf, a, x=axis: tf.stack([a] * 10, x), (1000, 100))
        case(f"split 10, axis {axis}", lambda tf, a, x=axis: tf.split(a, 10, x), wide)
        case(f"unstack, axis {axis}", lambda tf, a, x=axis: tf.unstack(a, axis=x)[:10], (100, 100, 100))
        case(f"reverse, axis {axis}", lambda tf, a, x=axis: tf.reverse(a, [x]), wide)
    case("stack 10, last axis", lambda tf, a: tf.stack([a] * 10, -1), (1000, 100))
    case("tile rows", lambda tf, a: tf.tile(a, [1000, 1]), (1, 1000))
    case("tile columns", lambda tf, a: tf.tile(a, [1, 1000]), (1000, 1))
    case("tile 3x3", lambda tf, a: tf.tile(a, [3, 3]), (300, 300))
    case("pad", lambda tf, a: tf.pad(a, [[10, 10], [10, 10]]), wide)
    case("pad channels", lambda tf, a: tf.pad(a, [[0, 0], [0, 0], [1, 2]]), (300, 300, 3))
    case("mirror pad", lambda tf, a: tf.pad(a, [[10, 10], [10, 10]], "REFLECT"), wide)
    for perm in ((1, 0, 2), (2, 0, 1), (0, 2, 1), (2, 1, 0)):
        case(f"transpose (100, 100, 100) {perm}", lambda tf, a, p=perm: tf.transpose(a, p), cube)
    case("transpose (1000, 1000)", lambda tf, a: tf.transpose(a), wide)
    case("transpose NHWC to NCHW (8,64,64,32)", lambda tf, a: tf.transpose(a, [0, 3, 1, 2]), (8, 64, 64, 32))
    case("strided slice [::2, ::3]", lambda tf, a: a[::2, ::3] + 0, wide)
    case("strided slice, gradient", lambda tf, a: tf.gradients(a[::2, ::3] * 1.0, a)[0], wide)
    case("roll", lambda tf, a: tf.roll(a, [3, 5], [0, 1]), wide)
    case("matrix_band_part", lambda tf, a: tf.matrix_band_part(a, 3, 3), wide)
    case("matrix_diag", lambda tf, a: tf.matrix_diag(a), (1000, 32))
    case("matrix_set_diag", lambda tf, a, d: tf.matrix_set_diag(a, d), wide, (1000,))
    case("reverse_sequence", lambda tf, a, n: tf.reverse_sequence(a, n, 1), (1000, 100, 10), numbers(1000, 100))
    case("sequence_mask", lambda tf, n: tf.sequence_mask(n, 1000), numbers(1000, 1000))
    case("meshgrid", lambda tf, a: tf.meshgrid(a, a)[0], (1000,))
    for text, *shapes in (
        ("ij,jk->ik", (300, 300), (300, 300)),
        ("bij,bjk->bik", (64, 64, 64), (64, 64, 64)),
        ("ijk,k->ij", cube, (100,)),
        ("bhqd,bhkd->bhqk", (4, 8, 64, 32), (4, 8, 64, 32)),
        ("bqhd,bkhd->bhqk", (4, 64, 8, 32), (4, 64, 8, 32)),
        ("ij,ij->i", wide, wide),
        ("ij->ji", wide),
        ("ijk->k", cube),
        ("i,j->ij", (1000,), (1000,)),
    ):
        case(f"einsum {text}", lambda tf, *x, t=text: tf.einsum(t, *x), *shapes)
    case("matmul (256,256) x (256,256)", lambda tf, a, b: tf.matmul(a, b), (256, 256), (256, 256))
    case("matmul transposed", lambda tf, a, b: tf.matmul(a, b, transpose_a=True, transpose_b=True), (256, 256), (256, 256))
    case("matmul 10^4 of (4,4)", lambda tf, a, b: tf.matmul(a, b), (10_000, 4, 4), (10_000, 4, 4))
    case("matmul 1000 of (16,16), broadcast", lambda tf, a, b: tf.matmul(a, b), (1000, 16, 16), (1, 16, 16))
    case(
        "matmul ints (200,200)", lambda tf, a, b: tf.matmul(a, b), numbers(40000, 9).reshape(200, 200), numbers(40000, 9).reshape(200, 200)
    )
    case("tensordot", lambda tf, a, b: tf.tensordot(a, b, [[2], [0]]), cube, (100, 20))


def _elementwise() -> None:
    big = (MILLION,)
    positive = np.random.RandomState(0).rand(MILLION).astype("f") * 5 + 0.5
    for name in (
        "exp",
        "log",
        "tanh",
        "sigmoid",
        "sin",
        "cos",
        "tan",
        "sqrt",
        "rsqrt",
        "erf",
        "lgamma",
        "digamma",
        "atan",
        "sinh",
        "log1p",
        "expm1",
        "floor",
        "round",
        "sign",
        "abs",
        "square",
        "reciprocal",
        "is_nan",
        "asinh",
        "erfc",
    ):
        case(f"{name} 10^6", lambda tf, x, n=name: getattr(tf, n, getattr(tf.math, n, None))(x), positive)
    for name in ("relu", "elu", "selu", "softplus", "softsign", "leaky_relu", "swish"):
        case(f"{name} 10^6", lambda tf, x, n=name: getattr(tf.nn, n)(x), big)
    for name in ("pow", "atan2", "mod", "floordiv", "maximum", "squared_difference", "divide", "less", "igamma", "zeta"):
        case(f"{name} 10^6", lambda tf, x, y, n=name: getattr(tf, n)(x, y + (1 if n == "zeta" else 0)), positive, positive[::-1].copy())
    ints = numbers(MILLION, 1000) + 1
    for name in ("add", "multiply", "floordiv", "mod", "maximum", "pow", "truncatediv"):
        case(f"{name} ints 10^6", lambda tf, x, y, n=name: getattr(tf, n)(x, y % 4 if n == "pow" else y), ints, ints[::-1].copy())
    case("bitwise and, shift", lambda tf, x, y: tf.bitwise.left_shift(tf.bitwise.bitwise_and(x, y), y % 8), ints, ints[::-1].copy())
    case("add rows and columns", lambda tf, x, y: x + y, (1000, 1), (1, 1000))
    case("add channels (32,28,28,32)", lambda tf, x, y: x + y, (32, 28, 28, 32), (32,))
    case("bias_add (32,28,28,3)", lambda tf, x, y: tf.nn.bias_add(x, y), (128, 28, 28, 3), (3,))
    case("bias_add gradient (128,28,28,3)", lambda tf, x, y: tf.gradients(tf.nn.bias_add(x, y), y)[0], (128, 28, 28, 3), (3,))
    case("broadcast gradient (1000,1000) of a row", lambda tf, x, y: tf.gradients(x * y, y)[0], (1000, 1000), (1000,))
    case("broadcast gradient (1000,1000) of a column", lambda tf, x, y: tf.gradients(x * y, y)[0], (1000, 1000), (1000, 1))
    for source, target in (
        ("float32", "int32"),
        ("int32", "float32"),
        ("float32", "float16"),
        ("float16", "float32"),
        ("float32", "uint8"),
        ("float32", "bool"),
        ("uint8", "float32"),
        ("float64", "float32"),
        ("float32", "bfloat16"),
    ):
        case(f"cast {source} to {target} 10^6", lambda tf, x, t=target: tf.cast(x, t), numbers(MILLION, 200).astype(source))
    case("complex multiply 10^6", lambda tf, x, y: tf.complex(x, y) * tf.complex(y, x), big, big)
    case("complex abs 10^6", lambda tf, x, y: tf.abs(tf.complex(x, y)), big, big)
    case("clip 10^6", lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), big)
    case("select 10^6", lambda tf, x, y: tf.where(x > y, x, y), big, big)
    case("add_n 10", lambda tf, x: tf.add_n([x * float(i) for i in range(10)]), big)
    case("float16 multiply 10^6", lambda tf, x: x * x, np.ones(MILLION, "float16"))
    case("float64 exp 10^6", lambda tf, x: tf.exp(x), np.linspace(-3, 3, MILLION))
    for name in ("random_uniform", "random_normal", "truncated_normal"):
        case(f"{name} 10^6", lambda tf, n=name: getattr(tf, n)([MILLION], seed=1))
    case("random ints 10^6", lambda tf: tf.random_uniform([MILLION], maxval=100, dtype=tf.int32, seed=1))
    case("random_gamma 10^5", lambda tf: tf.random_gamma([100_000], 2.0, seed=1))
    case("random_poisson 10^5", lambda tf: tf.random_poisson(5.0, [100_000], seed=1))
    case("random_shuffle 10^6", lambda tf, x: tf.random_shuffle(x, seed=1), big)
    case("multinomial (1000, 100) 100", lambda tf, x: tf.multinomial(x, 100, seed=1), (1000, 100))
    case("dropout 10^6", lambda tf, x: tf.nn.dropout(x, rate=0.5, seed=1), big)


def _linear_algebra() -> None:
    rand = np.random.RandomState(0)
    small, large = rand.randn(500, 16, 16).astype("f"), rand.randn(300, 300).astype("f")
    for name, x in (("500 of 16", small), ("one of 300", large)):
        spd = x @ np.swapaxes(x, -1, -2) + 10 * np.eye(x.shape[-1], dtype="f")
        case(f"matrix_inverse, {name}", lambda tf, x: tf.matrix_inverse(x), spd)
        case(f"cholesky, {name}", lambda tf, x: tf.cholesky(x), spd)
        case(f"matrix_solve, {name}", lambda tf, x: tf.matrix_solve(x, x), spd)
        case(f"triangular_solve, {name}", lambda tf, x: tf.matrix_triangular_solve(x, x), spd)
        case(f"matrix_determinant, {name}", lambda tf, x: tf.matrix_determinant(x), spd)
        case(f"qr, {name}", lambda tf, x: tf.qr(x)[0], x)
        case(f"svd, {name}", lambda tf, x: tf.svd(x)[0], x)
        case(f"self_adjoint_eig, {name}", lambda tf, x: tf.self_adjoint_eig(x)[0], spd)
    case("fft 2^18", lambda tf, x, y: tf.fft(tf.complex(x, y)), (2**18,), (2**18,))
    case("fft2d (8, 128, 128)", lambda tf, x, y: tf.fft2d(tf.complex(x, y)), (8, 128, 128), (8, 128, 128))
    case("rfft (100, 1000)", lambda tf, x: tf.spectral.rfft(x), (100, 1000))
    case(
        "while_loop, 1000 scalar steps", lambda tf: tf.while_loop(lambda i, s: i < 1000, lambda i, s: (i + 1, s * 1.001 + 1.0), [0, 1.0])[1]
    )
    case("map_fn over 1000 rows", lambda tf, x: tf.map_fn(lambda row: row * 2.0 + 1.0, x), (1000, 100))
    case("scan over 1000 rows", lambda tf, x: tf.scan(lambda a, row: a * 0.9 + row, x), (1000, 100))


def _strings() -> None:
    count = MILLION
    words = np.array([b"word%d of it" % (i * 7919 % 100_000) for i in range(count)], object)
    digits = np.array([b"%d.5" % (i * 7919 % 100_000) for i in range(count)], object)
    values = numbers(count, 100_000)
    case("as_string ints 10^6", lambda tf, x: tf.as_string(x), values)
    case("as_string floats 10^6", lambda tf, x: tf.as_string(x, precision=3), values.astype("f"))
    case("string_to_number 10^6", lambda tf, s: tf.string_to_number(s), digits)
    case("string_join 10^6", lambda tf, s: tf.string_join([s, s], "-"), words)
    case("substr 10^6", lambda tf, s: tf.substr(s, 1, 3), words)
    case("string_length 10^6", lambda tf, s: tf.strings.length(s), words)
    case("hash_bucket_fast 10^6", lambda tf, s: tf.string_to_hash_bucket_fast(s, 1000), words)
    case("hash_bucket_strong 10^6", lambda tf, s: tf.string_to_hash_bucket_strong(s, 1000, [1, 2]), words)
    case("string_lower 10^6", lambda tf, s: tf.strings.lower(s), words)
    case("string_strip 10^6", lambda tf, s: tf.string_strip(s), words)
    case("string_split 10^6", lambda tf, s: tf.string_split(s).indices, words)
    case("regex_replace 10^6", lambda tf, s: tf.regex_replace(s, "o.", "X"), words)
    case("regex_full_match 10^6", lambda tf, s: tf.strings.regex_full_match(s, "word[0-9]+ of.*"), words)
    case("string equal 10^6", lambda tf, s: tf.equal(s, "word7 of it"), words)
    case("string gather 10^6", lambda tf, s, i: tf.gather(s, i), words, values)
    case("string unique 10^6", lambda tf, s: tf.unique(s)[1], words)
    case("reduce_join 10^6", lambda tf, s: tf.reduce_join(tf.reshape(s, [1000, 1000]), 1), words)
    case("decode_raw 10^5", lambda tf, s: tf.decode_raw(s[:100_000], tf.uint8), np.array([b"12345678"] * 100_000, object))
    case("encode_base64 10^6", lambda tf, s: tf.encode_base64(s), words)
    case(
        "parse_example 1000",
        lambda tf, s: tf.parse_example(s, {"x": tf.FixedLenFeature([10], tf.float32)})["x"],
        np.array([_example()] * 1000, object),
    )
    case(
        "decode_csv 10^5",
        lambda tf, s: tf.decode_csv(s, [[0.0], [0], [""]])[0],
        np.array([b"1.5,%d,abc" % i for i in range(100_000)], object),
    )


def _example() -> bytes:
    """An Example with ten floats "x", by hand: both modules read it."""
    floats = np.arange(10, dtype="<f4").tobytes()
    packed = b"\x0a" + bytes([len(floats)]) + floats
    feature = b"\x12" + bytes([len(packed)]) + packed
    entry = b"\x0a\x01x\x12" + bytes([len(feature)]) + feature
    features = b"\x0a" + bytes([len(entry)]) + entry
    return b"\x0a" + bytes([len(features)]) + features


for _family in (_places, _layouts, _elementwise, _linear_algebra, _strings):
    _family()
