"""Op types that TensorFlow dropped before 1.0, in graphs that it wrote then; right values are TensorFlow 2.21's for these graphs."""

import numpy as np
import pytest

import graphflow as tf

M = np.array([[[2.0, 1.0], [1.0, 3.0]]], np.float32)
X = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
V = np.array([1.0, 2.0], np.float32)
COLUMN = np.ones((1, 2, 1), np.float32)


def node(graph_def, name, op, inputs=(), **attributes):
    """A node; attributes are dtypes, numbers, bools or arrays (of a Const)."""
    made = graph_def.node.add(name=name, op=op, input=inputs)
    for key, value in attributes.items():
        if isinstance(value, tf.DType):
            made.attr[key].type = value.as_datatype_enum
        elif isinstance(value, bool):
            made.attr[key].b = value
        elif isinstance(value, int):
            made.attr[key].i = value
        elif isinstance(value, float):
            made.attr[key].f = value
        else:
            made.attr[key].tensor.CopyFrom(value)
    return made


def constant(graph_def, name, value):
    value = tf.make_tensor_proto(value)
    node(graph_def, name, "Const", dtype=tf.as_dtype(value.dtype), value=value)


def run(op, inputs, producer=7, **attributes):
    """Every run of the first output of a node of type `op`, in a graph of an old program."""
    graph_def = tf.GraphDef()
    graph_def.versions.producer = producer
    for i, value in enumerate(inputs):
        constant(graph_def, f"i{i}", value)
    node(graph_def, "y", op, [f"i{i}" for i in range(len(inputs))], T=tf.float32, **attributes)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return session.run(graph.get_tensor_by_name("y:0"))


VALUES = {
    "BatchMatrixDeterminant": ([M], {}, [5.0]),
    "BatchMatrixInverse": ([M], {}, [[[0.6, -0.2], [-0.2, 0.4]]]),
    "BatchCholesky": ([M], {}, [[[1.4142135, 0.0], [0.70710677, 1.5811388]]]),
    "BatchMatrixDiag": ([[1.0, 2.0]], {}, [[1.0, 0.0], [0.0, 2.0]]),
    "BatchMatrixDiagPart": ([M], {}, [[2.0, 3.0]]),
    "BatchMatrixBandPart": ([M, np.int64(0), np.int64(0)], {}, [[[2.0, 0.0], [0.0, 3.0]]]),
    "BatchMatrixSetDiag": ([M, np.ones((1, 2), np.float32)], {}, [[[1.0, 1.0], [1.0, 1.0]]]),
    "BatchMatrixSolve": ([M, COLUMN], {}, [[[0.4], [0.2]]]),
    "BatchMatrixTriangularSolve": ([M, COLUMN], {}, [[[0.5], [0.16666667]]]),
    "BatchMatrixSolveLs": ([M, COLUMN, np.float64(0)], {}, [[[0.4], [0.2]]]),
    "BatchSelfAdjointEigV2": ([M], {}, [[1.381966, 3.618034]]),
    "BatchSvd": ([M], {}, [[3.618034, 1.381966]]),
    "BatchNormWithGlobalNormalization": (
        [X, V, V, V, V], {"variance_epsilon": 0.001, "scale_after_normalization": True},
        [[[[0.0005, 0.5861], [2.0, 3.4139]], [[3.999, 6.2418], [5.998, 9.0696]]]]),
    "AdjustContrast": ([X, np.float32(2), np.float32(-10), np.float32(9)], {}, [[[[-3.0, -2.0], [1.0, 2.0]], [[5.0, 6.0], [9.0, 9.0]]]]),
}


@pytest.mark.parametrize("op", VALUES)
def test_value(op):
    inputs, attributes, wanted = VALUES[op]
    np.testing.assert_allclose(run(op, inputs, **attributes), wanted, rtol=1e-3, atol=1e-5)


def test_batch_norm_without_gamma():
    found = run("BatchNormWithGlobalNormalization", [X, V, V, V, V], variance_epsilon=0.001, scale_after_normalization=False)
    np.testing.assert_allclose(found[0, 0], [[0.0005, 1.2931], [2.0, 2.7069]], rtol=1e-3)


@pytest.mark.parametrize("op, stack", [("SelfAdjointEig", M[0]), ("BatchSelfAdjointEig", M)])
def test_eigenvalues_stand_above_their_vectors(op, stack):
    found = run(op, [stack])
    values, vectors = found[..., 0, :], found[..., 1:, :]
    np.testing.assert_allclose(vectors @ (values[..., None] * np.swapaxes(vectors, -1, -2)), stack, rtol=1e-5)


@pytest.mark.parametrize("seed, first", list(enumerate([22, 8, 15, 8, 21, 25, 16, 17], start=1)))
def test_random_crop_takes_the_part_that_tensorflow_takes(seed, first):
    image = np.arange(35, dtype=np.float32).reshape(5, 7, 1)
    found = run("RandomCrop", [image, np.array([2, 3], np.int64)], seed=seed, seed2=7)
    assert found[..., 0].tolist() == [[first, first + 1, first + 2], [first + 7, first + 8, first + 9]]


def test_gradient_of_the_old_batch_norm():
    """Against the same sum in ops of today."""
    with tf.Session() as session:
        x = [tf.constant(v) for v in (X, V, V + 1, V, V)]
        from graphflow.ops.raw import raw_function
        for scale in (True, False):
            old = raw_function("_batch_norm_with_global_normalization")(*x, variance_epsilon=0.1, scale_after_normalization=scale)
            new = tf.nn.batch_normalization(x[0], x[1], x[2], x[3], x[4] if scale else None, 0.1)
            weights = np.cos(X)
            found, wanted = (session.run([g for g in tf.gradients(y * weights, x) if g is not None]) for y in (old, new))
            for a, b in zip(found, wanted, strict=False):
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
