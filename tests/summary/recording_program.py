"""A program that records summaries of all kinds as TensorFlow 2 does, and what its event file holds, as plain values.

`PYTHONPATH=. python tests/summary/recording_program.py` in a Python with TensorFlow 2, TensorBoard and Pillow writes golden/recorded.json.
"""
from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

GOLDEN = Path(__file__).parent / "golden" / "recorded.json"


def program(tf, logdir):
    """Records; gives what the calls say."""
    summary, said = tf.summary, []
    writer = summary.create_file_writer(str(logdir))
    say = lambda found: said.append(bool(found))  # noqa: E731
    with writer.as_default():
        say(summary.scalar("loss", 0.5, step=1))
        say(summary.scalar("count", tf.constant(1, tf.int32), step=1, description="how many"))
        for name, values, buckets in (("few", [1.0, 2.0, 2.0, 5.0], 4), ("alike", [3.0, 3.0], None), ("none", np.zeros(0), None),
                                      ("integers", np.arange(20), 3), ("no buckets", [1.0], 0), ("spread", np.linspace(-1, 1, 50) ** 3, 7)):
            say(summary.histogram(name, np.array(values), step=2, buckets=buckets))
        ramp = np.arange(72).reshape(2, 3, 4, 3)
        say(summary.image("floating", ramp / 60.0 - 0.1, step=3, max_outputs=1))
        for dtype in (np.uint8, np.int8, np.int16, np.uint16, np.int32):
            say(summary.image(np.dtype(dtype).name, (ramp[..., :1] * (np.iinfo(dtype).max // 80)).astype(dtype), step=3))
        say(summary.text("text", "hello", step=4))
        say(summary.text("texts", ["a", "b"], step=4))
        say(summary.audio("sound", np.sin(np.arange(100).reshape(1, 100, 1) / 5).astype(np.float32), 8000, step=5))
        summary.experimental.set_step(9)
        say(summary.scalar("at the step that is set", 2.0))
        with tf.name_scope("scope"):
            say(summary.scalar("inside", 2.0, step=1))
        with summary.record_if(False):
            say(summary.scalar("never", 2.0))
        with summary.record_if(lambda: tf.equal(summary.experimental.get_step() % 3, 0)):
            say(summary.scalar("every third", 2.0))
            say(summary.should_record_summaries())
        say(summary.write("raw", tf.constant([[1.0, 2.0]]), step=tf.Variable(3, dtype=tf.int64)))

        @tf.function
        def function(x, step):
            with summary.record_if(tf.not_equal(step, 1)):
                recorded = summary.scalar("in a function", x, step=step)
                summary.histogram("in it too", tf.stack([x, 2 * x]), step=step, buckets=2)
            return recorded
        for i in range(3):
            say(function(tf.constant(float(i)), tf.constant(i, tf.int64)))
    say(summary.scalar("outside", 1.0, step=1))
    with writer.as_default(step=20):
        say(summary.scalar("twenty", 1.0))
    said.append(summary.experimental.get_step())
    with summary.create_noop_writer().as_default():
        say(summary.scalar("nowhere", 1.0, step=1))
    writer.close()
    return said


def held(events):
    """What events hold, as lists; of pictures their pixels."""
    found = []
    for event in events:
        for value in event.summary.value:
            data, shape = value.tensor, [d.size for d in value.tensor.tensor_shape.dim]
            plugin = value.metadata.plugin_data.plugin_name
            if data.dtype == 7:
                values = list(data.string_val)
                values = [np.asarray(Image.open(io.BytesIO(v))).ravel().tolist() if v[:4] == b"\x89PNG" else v.hex() for v in values]
            else:
                values = np.frombuffer(data.tensor_content, {1: "f", 2: "d"}[data.dtype]).tolist()
            found.append([event.step, value.tag, data.dtype, shape, values, plugin, value.metadata.plugin_data.content.hex(),
                          value.metadata.summary_description])
    return found


def main():

    import tensorflow as tf
    with tempfile.TemporaryDirectory() as logdir:
        said = program(tf, logdir)
        events = [e for file in Path(logdir).iterdir() for e in tf.compat.v1.train.summary_iterator(str(file))]
    GOLDEN.write_text(json.dumps({"said": said, "held": held(events)}).replace('], [', '],\n [') + "\n")


if __name__ == "__main__":
    sys.exit(main())
