"""Operations by their types (`tf.raw_ops`), run by graphflow and by TensorFlow (see tests/oracle/programs.py)."""
import numpy as np


def program_one_result(tf):
    raw = tf.raw_ops
    x = tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3))
    return [raw.MatMul(a=x, b=x, transpose_b=True), raw.Sum(input=x, axis=0, keep_dims=True), raw.ExpandDims(input=x, axis=1, name="wide"),
            raw.Squeeze(input=[[[1]]], axis=[0]), raw.Select(condition=x > 2, x=x, y=-x), raw.Where(condition=x > 2),
            raw.Cast(x=x, DstT="int32"), raw.ConcatV2(values=[x, x], axis=0), raw.Pack(values=(1, 2)), raw.All(input=x > 2, axis=[0])]


def program_several_results(tf):
    raw = tf.raw_ops
    unique, parts = raw.Unique(x=[3, 1, 3]), raw.Split(axis=0, value=[1, 2], num_split=2)
    sparse = raw.SparseSplit(split_dim=0, indices=[[0, 0], [1, 1]], values=[1., 2.], shape=[2, 2], num_split=2)
    top = raw.TopKV2(input=[1., 3., 2.], k=2, sorted=True)
    return [unique.y, unique.idx, *parts, *sparse.output_indices, *sparse.output_values, top.values, top.indices,
            *raw.IdentityN(input=[1, b"a"])]


def program_attributes(tf):
    raw = tf.raw_ops
    x = tf.constant(np.ones((1, 4, 4, 1), np.float32))
    fed = raw.PlaceholderWithDefault(input=tf.ones([2]), shape=[None])
    return [raw.MaxPool(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=b"SAME"),
            raw.Const(value=tf.make_tensor_proto([1.5, 2]), dtype=tf.float32), fed, raw.Conv2DBackpropInput(
                input_sizes=[1, 4, 4, 1], filter=tf.ones([2, 2, 1, 1]), out_backprop=x, strides=[1, 1, 1, 1], padding="SAME")]
