"""A program that places operations on a GPU is told once that there is none."""
import graphflow as tf
from graphflow.core import device


def test_the_first_gpu_is_told_of_and_no_other(caplog, monkeypatch):
    monkeypatch.setattr(device, "_told", [])
    with tf.Graph().as_default() as graph:
        with tf.device("/cpu:0"):
            tf.constant(1)
        assert caplog.text == ""
        for name in ("/gpu:0", "/device:GPU:1"):
            with tf.device(name):
                x = tf.constant(1)
        assert x.device == "/device:GPU:1"
    with tf.Session(graph=graph) as session:
        assert session.run(x) == 1
    assert [record.getMessage() for record in caplog.records] == ["/gpu:0: there is no GPU for graphflow; everything runs on the CPU"]
