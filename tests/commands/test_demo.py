"""`graphflow demo` in its small size."""

import graphflow as tf
from graphflow import cli


def test_the_demo_trains_reports_and_leaves_logs_and_checkpoints(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["demo", "--small"]) == 0
    out = capsys.readouterr().out
    assert "500 digits to learn, 1000 to be tested on" in out
    assert "epoch 1 of 1: loss " in out and "accuracy on the test digits " in out and "read as" in out
    folder = tmp_path / "graphflow-demo"
    saved = tf.train.latest_checkpoint(str(folder / "checkpoints"))
    assert saved.endswith("model-7")
    assert tf.train.load_checkpoint(saved).get_tensor("conv1/kernel").shape == (5, 5, 1, 16)
    (events,) = (folder / "logs").glob("*/events.out.tfevents.*")
    tags = {value.tag for event in tf.train.summary_iterator(str(events)) for value in event.summary.value}
    assert {"training/loss", "test/accuracy", "weights/conv1/kernel", "weights/output/kernel"} <= tags
