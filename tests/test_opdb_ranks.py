"""Static inputs (shapes, axes, sizes) of a rank that the op type does not take, and lists and numbers below an attribute's least value,
are refused while building, whatever the op."""
import numpy as np
import pytest

import graphflow as tf
from graphflow._public.api import OPS
from graphflow.core.known import known_spec, spec_of_value
from graphflow.core.make import base_spec
from graphflow.core.op import check_ranks, load, static_positions
from graphflow.core.spec import Known
from graphflow.graphdef import op_table
from tests import opdb

# Their own checks refuse what is below the table's least value.
OWN = {"ksize", "strides", "rates", "dilations"}


def operations():
    """One operation of each type with static inputs whose values are known, from the rows of the op database."""
    found = {}
    for row in opdb.load():
        for example in row.cases(row.dtypes[0])[:2]:
            with tf.Graph().as_default() as graph:
                row.call(tf, [tf.constant(v) if isinstance(v, np.ndarray) else v for v in example.inputs], example.attrs)
                for op in graph.get_operations():
                    positions = static_positions(type(op._op_def), len(op.inputs))
                    if positions and op.type not in found:
                        specs = [known_spec(t) if i in positions else base_spec(t._spec) for i, t in enumerate(op.inputs)]
                        found[op.type] = op._op_def, specs, positions
    return found


def test_another_rank_of_a_static_input_is_a_value_error():
    """Never a TypeError of numpy's, with the value known or the shape alone."""
    wrong = []
    count = 0
    for op_type, (op_def, specs, positions) in operations().items():
        ranked = {at: rank for at, rank, _ in type(op_def)._static_ranks}
        for i in positions:
            value = specs[i].value
            rank = ranked.get(i, ranked.get(i - len(specs)))
            if value is None or rank is None:
                continue
            assert value.ndim == rank, op_type
            for other in (value[None], *([value.reshape(-1)[0]] if value.ndim and value.size else [])):
                other = np.asarray(other)
                for spec in (spec_of_value(other, specs[i].dtype), Known(specs[i].dtype, other.shape, None)):
                    count += 1
                    changed = [*specs[:i], spec, *specs[i + 1:]]
                    try:
                        check_ranks(type(op_def), changed)
                        op_def.infer(*changed)
                        wrong.append((op_type, i, other.shape))
                    except ValueError:
                        pass
    assert wrong == [] and count > 200


def test_every_least_value_of_the_op_table_is_known():
    missing = {}
    for name in OPS:
        definition = op_table.find(name)
        least = {a.name: a.minimum for a in definition.attr if a.has_minimum and a.minimum > 0 and a.name not in OWN} if definition else {}
        if any(load(name).least.get(attribute) != value for attribute, value in least.items()):
            missing[name] = least
    assert missing == {}


def test_the_words_of_string_attributes_are_those_of_the_op_table():
    differ = {}
    for name in OPS:
        definition = op_table.find(name)
        listed = {a.name: [w.decode() for w in a.allowed_values.list.s] for a in definition.attr} if definition else load(name).words
        words = {attribute: list(found) for attribute, found in listed.items() if found}
        if words != {attribute: list(found) for attribute, found in load(name).words.items()}:
            differ[name] = words
    assert differ == {}


@pytest.mark.parametrize("build", [
    lambda x: tf.nn.conv2d(x, tf.ones([3, 3, 4, 2]), [1, 1, 1, 1], "same"),
    lambda x: tf.nn.max_pool(x, [1, 2, 2, 1], [1, 1, 1, 1], "Valid"),
    lambda x: tf.nn.pool(x, [2, 2], "MAX", "same", dilation_rate=[2, 2]),
    lambda x: tf.nn.pool(x, [2, 2], "AVG", "SAME", dilation_rate=[2, 2]),
    lambda x: tf.nn.atrous_conv2d(x, tf.ones([3, 3, 4, 2]), 2, "same"),
    lambda x: tf.nn.atrous_conv2d_transpose(x, tf.ones([3, 3, 2, 4]), [1, 4, 4, 2], 2, "same"),
    lambda x: tf.nn.depthwise_conv2d(x, tf.ones([3, 3, 4, 2]), [1, 1, 1, 1], "FULL", rate=[2, 2]),
    lambda x: tf.extract_image_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "same"),
    lambda x: tf.space_to_depth(x, 2, data_format="nhwc"),
    lambda x: tf.depth_to_space(x, 2, data_format="XX"),
    lambda x: tf.nn.bias_add(x, [1.0] * 4, data_format="NHCW"),
    lambda x: tf.nn.fused_batch_norm(x, [1.0] * 4, [1.0] * 4, data_format="nhwc"),
    lambda x: tf.raw_ops.MaxPool(input=x, ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding="same"),
])  # fmt: skip
def test_other_words_are_refused_while_building(build):
    with tf.Graph().as_default(), pytest.raises(ValueError, match="not in|must be|SAME"):
        build(tf.ones([1, 4, 4, 4]))


@pytest.mark.parametrize(("build", "words"), [
    (lambda: tf.concat([], 0), "List argument 'values' to 'ConcatV2' Op with length 0 shorter than minimum length 2"),
    (lambda: tf.identity_n([]), "Attr 'T' of 'IdentityN' Op passed list of length 0 less than minimum 1"),
    (lambda: tf.dynamic_stitch([], []), "List argument 'indices' to 'DynamicStitch' Op with length 0"),
    (lambda: tf.split([1], 0), "Attr 'num_split' of 'Split' Op passed 0 less than minimum 1"),
    (lambda: tf.decode_csv("a", []), "Attr 'OUT_TYPE' of 'DecodeCSV' Op passed list of length 0 less than minimum 1"),
    (lambda: tf.expand_dims(1, axis=[0, 1]), "'dim' input must be a tensor with a single value"),
    (lambda: tf.diag(0.0), "Shape must be at least rank 1 but is rank 0"),
    (lambda: tf.matrix_set_diag([[0]], 0), "Shape must be at least rank 1 but is rank 0"),
    (lambda: tf.concat([[[1]], [[3]]], [1]), "Shape must be rank 0 but is rank 1"),
    (lambda: tf.concat([[[1]], [[3]]], tf.placeholder(tf.int32, [1])), "Shape must be rank 0 but is rank 1"),
    (lambda: tf.reshape([1, 2], [[1, 2]]), "Shape must be rank 1 but is rank 2"),
    (lambda: tf.transpose([[1]], [[0, 1]]), "Shape must be rank 1 but is rank 2"),
    (lambda: tf.fill(2, 1), "Shape must be rank 1 but is rank 0"),
    (lambda: tf.broadcast_to([1, 2], 2), "Shape must be rank 1 but is rank 0"),
    (lambda: tf.broadcast_to([1, 2], [3]), "Dimensions must be equal, but are 2 and 3"),
    (lambda: tf.scatter_nd(1, 1.0, [2]), "Shape must be at least rank 1 but is rank 0"),
    (lambda: tf.gather_nd([1.0], 0), "Shape must be at least rank 1 but is rank 0"),
    (lambda: tf.sparse_reshape(tf.SparseTensor([[0, 0]], [1], [4, 4]), [-1, 2, -1]), r"At most one dimension can be inferred \(-1\)"),
    (lambda: tf.sparse_reshape(tf.SparseTensor([[0, 0]], [1], [4, 4]), 16), "Shape must be rank 1 but is rank 0"),
    (lambda: tf.sparse_concat(1, [tf.SparseTensor([[0, 2]], [1], [3, 3]), tf.SparseTensor([[0]], [1], [3])]),
     "Dimensions must be equal|not "),
    (lambda: tf.edit_distance(tf.SparseTensor([[0, 0, 0]], [1], [1, 2, 2]), tf.SparseTensor([[0, 0]], [1], [3, 1])),
     "Num elements of hypothesis_shape does not match truth_shape: 3 vs. 2"),
    (lambda: tf.nn.conv2d(tf.placeholder(tf.float32), tf.placeholder(tf.float32), [1, 1, 1, 1], [[0, 0], [0, -1], [1, 2], [0, 0]]),
     "All elements of explicit_paddings must be nonnegative"),
])  # fmt: skip
def test_refused_with_tensorflows_words(build, words):
    with tf.Graph().as_default(), pytest.raises(ValueError, match=words):
        build()


def test_a_run_takes_scalars_for_vectors_where_tensorflow_does():
    with tf.Graph().as_default(), tf.Session() as session:
        n = tf.placeholder(tf.int32)
        assert session.run(tf.fill(n, 7), {n: 2}).tolist() == [7, 7]
        assert session.run(tf.concat([[[1]], [[3]]], n), {n: [1]}).tolist() == [[1, 3]]
        with pytest.raises(tf.errors.InvalidArgumentError, match="Shape must be rank 1 but is rank 0"):
            session.run(tf.tile([1], n), {n: 2})


def test_sparse_results_have_tensorflows_static_shapes():
    with tf.Graph().as_default():
        sparse = tf.SparseTensor([[0, 2]], [1], [3, 3])
        assert tf.sparse_concat(1, [sparse, sparse]).indices.shape == (2, 2)
        assert tf.sparse_concat(1, [sparse, tf.sparse_placeholder(tf.int32)]).indices.shape.as_list() == [None, 2]
        assert tf.edit_distance(sparse, tf.SparseTensor([[0, 0]], [1], [5, 1])).shape == (5,)
