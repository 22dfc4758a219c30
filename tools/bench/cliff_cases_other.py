"""More cases of the table of cliffs: rarer functions, distributions of many parameters, counting, more strings."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.bench.cliff_cases import MILLION, case, numbers


def _functions() -> None:
    positive = np.random.RandomState(0).rand(MILLION).astype("f") * 5 + 0.5
    unit, few = positive / 6, positive[:100_000]
    for name in ("bessel_i0e", "bessel_i1e", "bessel_i0", "bessel_i1"):
        case(f"{name} 10^6", lambda tf, x, n=name: getattr(tf.math, n)(x), positive)
    case("polygamma 10^5", lambda tf, x: tf.polygamma(tf.floor(x), x), few)
    case("betainc 10^5", lambda tf, a, x: tf.betainc(a, a + 1.0, x), few, unit[:100_000])
    case("igammac 10^6", lambda tf, a, x: tf.igammac(a, x), positive, positive[::-1].copy())
    case("igamma, gradient 10^5", lambda tf, a, x: tf.gradients(tf.igamma(a, x), a)[0], few, few[::-1].copy())
    case("erfinv 10^6", lambda tf, x: tf.math.erfinv(x), unit)
    case("ndtri 10^6", lambda tf, x: tf.math.ndtri(x), unit)
    for name in ("erf", "erfc", "lgamma", "digamma", "erfinv"):
        case(f"float64 {name} 10^5", lambda tf, x, n=name: getattr(tf, n, getattr(tf.math, n, None))(x), unit[:100_000].astype("d"))
    for name in ("acosh", "atanh", "xlogy", "xdivy"):
        both = name[0] == "x"
        case(f"{name} 10^6", lambda tf, x, n=name, b=both: getattr(tf.math, n)(*([x] * (1 + b))), unit if name == "atanh" else positive + 1)
    case("complex exp 10^6", lambda tf, x: tf.exp(tf.complex(x, x)), positive)
    case("complex divide 10^6", lambda tf, x: tf.complex(x, x) / tf.complex(x + 1, x), positive)
    case("complex angle 10^6", lambda tf, x: tf.angle(tf.complex(x, x)), positive)
    for dtype in ("int64", "uint8", "float64", "bfloat16", "float16"):
        values = numbers(MILLION, 100) + 1
        case(f"{dtype} multiply and add 10^6", lambda tf, x, t=dtype: tf.cast(x, t) * tf.cast(x, t) + tf.cast(x, t), values)
        case(f"{dtype} sum 10^6", lambda tf, x, t=dtype: tf.reduce_sum(tf.cast(x, t)), values)
    case("float16 exp 10^6", lambda tf, x: tf.exp(x), unit.astype("e"))
    case("bfloat16 exp 10^6", lambda tf, x: tf.exp(tf.cast(x, tf.bfloat16)), unit)


def _counting() -> None:
    values, few = numbers(MILLION, 1000), numbers(100_000, 1000)
    case("bincount with weights 10^6", lambda tf, x: tf.bincount(x, tf.cast(x, tf.float32)), values)
    case("histogram_fixed_width 10^6", lambda tf, x: tf.histogram_fixed_width(x, [-3.0, 3.0], 100), (MILLION,))
    case("confusion_matrix 10^6", lambda tf, x: tf.confusion_matrix(x, x, 1000), values)
    case("unique floats 10^6", lambda tf, x: tf.unique(x)[1], values.astype("f"))
    case("unique_with_counts 10^6", lambda tf, x: tf.unique_with_counts(x)[2], values)
    case("setdiff1d 10^5", lambda tf, x: tf.setdiff1d(x, x[:500])[0], numbers(100_000, 100_000))
    case("searchsorted 10^6 in 1000", lambda tf, s, x: tf.searchsorted(s, x), np.arange(1000, dtype="i4"), values)
    case("searchsorted 1000 rows", lambda tf, s: tf.searchsorted(tf.sort(s, 1), s), (1000, 100))
    case("invert_permutation 10^6", lambda tf, x: tf.invert_permutation(x), np.random.RandomState(0).permutation(MILLION).astype("i4"))
    case("cumsum exclusive, reverse", lambda tf, x: tf.cumsum(x, 1, exclusive=True, reverse=True), (1000, 1000))
    case("cumulative_logsumexp", lambda tf, x: tf.math.cumulative_logsumexp(x, 1), (1000, 1000))
    case("in_top_k (100000, 10)", lambda tf, x, y: tf.nn.in_top_k(x, y, 3), (100_000, 10), numbers(100_000, 10))
    case("reduce_max ints (1000, 1000) axis 0", lambda tf, x: tf.reduce_max(x, 0), numbers(MILLION, 99).reshape(1000, 1000))
    case("reduce_sum bools 10^6", lambda tf, x: tf.count_nonzero(x), few)
    case("argmin axis 0", lambda tf, x: tf.argmin(x, 0), (1000, 1000))
    case("bitcast 10^6", lambda tf, x: tf.bitcast(x, tf.int32), (MILLION,))
    case("clip_by_norm 10^6", lambda tf, x: tf.clip_by_norm(x, 1.0), (MILLION,))


def _draws() -> None:
    rates = np.random.RandomState(0).rand(100_000).astype("f") * 30
    case("random_poisson, 10^5 rates", lambda tf, x: tf.random_poisson(x, [], seed=1), rates)
    case("random_gamma, 10^5 shapes", lambda tf, x: tf.random_gamma([], x + 0.1, seed=1), rates)
    case("random_gamma, gradient", lambda tf, x: tf.gradients(tf.random_gamma([], x + 0.1, seed=1), x)[0], rates)
    case("multinomial (10000, 10) 1", lambda tf, x: tf.multinomial(x, 1, seed=1), (10_000, 10))
    case("stateless_random_normal 10^6", lambda tf: tf.random.stateless_normal([MILLION], [1, 2]))
    case("stateless_random_uniform ints 10^6", lambda tf: tf.random.stateless_uniform([MILLION], [1, 2], 0, 100, tf.int32))
    case("random_uniform float64 10^6", lambda tf: tf.random_uniform([MILLION], dtype=tf.float64, seed=1))
    case("random_normal float64 10^6", lambda tf: tf.random_normal([MILLION], dtype=tf.float64, seed=1))
    case("random_shuffle 10^5 rows of 10", lambda tf, x: tf.random_shuffle(x, seed=1), (100_000, 10))
    for name in ("log_uniform", "uniform"):
        case(
            f"{name} sampler 1000",
            lambda tf, x, n=name: getattr(tf.nn, n + "_candidate_sampler")(x, 1, 1000, True, 100_000, seed=1)[0],
            np.zeros((1, 1), "i8"),
        )


def _texts() -> None:
    count = 100_000
    words = np.array([b"word%d of it" % (i * 7919 % 100_000) for i in range(count)], object)
    case("string upper 10^5", lambda tf, s: tf.strings.upper(s), words)
    case("string utf-8 length 10^5", lambda tf, s: tf.strings.length(s, unit="UTF8_CHAR"), words)
    case("substr utf-8 10^5", lambda tf, s: tf.substr(s, 1, 3, unit="UTF8_CHAR"), words)
    case("substr places 10^5", lambda tf, s, p: tf.substr(s, p, p), words, numbers(count, 5))
    case("strings.split 10^5", lambda tf, s: tf.strings.split(s, result_type="SparseTensor").indices if tf.__name__ == "graphflow"
         else tf.strings.split(s).values, words)  # fmt: skip
    case("split characters 10^5", lambda tf, s: tf.string_split(s, "").values, words)
    case("as_string float64 10^5", lambda tf, x: tf.as_string(x), np.arange(count) / 7)
    case("as_string bools 10^5", lambda tf, x: tf.as_string(x), numbers(count, 2).astype(bool))
    case("string_to_number ints 10^5", lambda tf, s: tf.string_to_number(s, tf.int32), np.array([b"%d" % i for i in range(count)], object))
    case("string_to_number exponents 10^5", lambda tf, s: tf.string_to_number(s), np.array([b"%.5e" % i for i in range(count)], object))
    case("decode_base64 10^5", lambda tf, s: tf.decode_base64(tf.encode_base64(s)), words)
    long = np.array([w * 20 for w in words[:10_000]], object)
    case("hash_bucket of long strings 10^4", lambda tf, s: tf.string_to_hash_bucket_fast(s, 1000), long)
    case("fingerprint rows 10^5", lambda tf, x: tf.fingerprint(x), np.arange(count * 4).reshape(count, 4))
    case("unsorted_segment_join 10^5", lambda tf, s, i: tf.strings.unsorted_segment_join(s, i, 1000), words, numbers(count, 1000))
    case("edit_distance 1000", lambda tf, s: tf.edit_distance(tf.string_split(s, ""), tf.string_split(s[::-1], "")), words[:1000])
    case("string less 10^5", lambda tf, s: tf.not_equal(s, s[::-1]), words)
    case("string where 10^5", lambda tf, s, m: tf.where(m, s, s[::-1]), words, numbers(count, 2).astype(bool))
    case("string concat 10^5", lambda tf, s: tf.concat([s, s], 0), words)
    case("string one_hot labels", lambda tf, s: tf.one_hot(tf.string_to_hash_bucket_fast(s, 10), 10), words)
    case("lookup table of ints 10^5", lambda tf, x: _table(tf, x), numbers(count, 1000).astype("i8"))
    case("decode_csv quoted 10^4", lambda tf, s: tf.decode_csv(s, [[0.0], [0], [""]])[0],
         np.array([b'1.5,%d,"a,b"' % i for i in range(10_000)], object))  # fmt: skip
    case("serialize and parse tensor", lambda tf, x: tf.parse_tensor(tf.serialize_tensor(x), tf.float32), (MILLION,))
    case("decode_raw floats 10^5", lambda tf, s: tf.decode_raw(s, tf.float32), np.array([b"12345678"] * count, object))


def _table(tf: Any, x: Any) -> Any:
    """Keys looked up in a hash table that is filled before."""
    table, numbers = tf.raw_ops.HashTableV2(key_dtype=tf.int64, value_dtype=tf.int64, shared_name="t"), tf.range(1000, dtype=tf.int64)
    with tf.control_dependencies([tf.raw_ops.LookupTableImportV2(table_handle=table, keys=numbers, values=numbers)]):
        return tf.raw_ops.LookupTableFindV2(table_handle=table, keys=x, default_value=tf.constant(0, tf.int64))


for _family in (_functions, _counting, _draws, _texts):
    _family()
