"""`tf.summary.*`: nodes, names, tags and collections as TensorFlow 2.21's compat.v1 makes them, and the messages they give."""

import numpy as np
import pytest

from graphflow.core import errors
from graphflow.core.collections import GraphKeys
from graphflow.core.constant import constant
from graphflow.core.graph import Graph
from graphflow.core.make import make
from graphflow.formats.proto import Summary
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.ops.io import summary
from graphflow.ops.io.summary import AudioSummary, AudioSummaryV2
from graphflow.runtime.session import Session

SOUND = np.zeros((2, 5), np.float32)
IMAGES = np.random.default_rng(5).random((2, 3, 3, 1)).astype(np.float32)


@pytest.fixture
def graph():
    made = Graph()
    with made.as_default():
        yield made


def run(tensor):
    with Session(graph=tensor.graph) as session:
        return Summary.FromString(session.run(tensor))


def nodes(graph):
    return [(n.name, n.op, list(n.input)) for n in graph.as_graph_def().node]


def test_nodes_are_those_of_tensorflow(graph):
    summary.scalar("loss a", 1.0, family="fam")
    summary.image("im", IMAGES, family="fam")
    summary.text("t", constant("x"))
    summary.tensor_summary("ts", 1.0)
    summary.histogram("h", [1.0])
    summary.audio("au", SOUND, 8000.0)
    summary.merge_all()
    summary.image("im2", IMAGES, max_outputs=1)
    with graph.name_scope("sc"):
        summary.scalar("loss", 1.0)
    # printed by TensorFlow 2.21 for the same program
    assert nodes(graph) == [
        ("fam/loss_a/tags", "Const", []),
        ("fam/loss_a/values", "Const", []),
        ("fam/loss_a", "ScalarSummary", ["fam/loss_a/tags", "fam/loss_a/values"]),
        ("fam/im/tag", "Const", []),
        ("fam/im/tensor", "Const", []),
        ("fam/im", "ImageSummary", ["fam/im/tag", "fam/im/tensor"]),
        ("Const", "Const", []),
        ("t/tag", "Const", []),
        ("t/serialized_summary_metadata", "Const", []),
        ("t", "TensorSummaryV2", ["t/tag", "Const", "t/serialized_summary_metadata"]),
        ("ts/tag", "Const", []),
        ("ts/tensor", "Const", []),
        ("ts/serialized_summary_metadata", "Const", []),
        ("ts", "TensorSummaryV2", ["ts/tag", "ts/tensor", "ts/serialized_summary_metadata"]),
        ("h/tag", "Const", []),
        ("h/values", "Const", []),
        ("h", "HistogramSummary", ["h/tag", "h/values"]),
        ("au/sample_rate", "Const", []),
        ("au/tag", "Const", []),
        ("au/tensor", "Const", []),
        ("au", "AudioSummaryV2", ["au/tag", "au/tensor", "au/sample_rate"]),
        ("Merge/MergeSummary", "MergeSummary", ["fam/loss_a", "fam/im", "t", "ts", "h", "au"]),
        ("im2/tag", "Const", []),
        ("im2/tensor", "Const", []),
        ("im2", "ImageSummary", ["im2/tag", "im2/tensor"]),
        ("sc/loss/tags", "Const", []),
        ("sc/loss/values", "Const", []),
        ("sc/loss", "ScalarSummary", ["sc/loss/tags", "sc/loss/values"]),
    ]
    names = [t.name for t in graph.get_collection(GraphKeys.SUMMARIES)]
    assert names == ["fam/loss_a:0", "fam/im:0", "t:0", "ts:0", "h:0", "au:0", "im2:0", "sc/loss:0"]
    color = graph.get_operation_by_name("im2").get_attr("bad_color")
    assert array_from_proto(color).tolist() == [255, 0, 0, 255]


def test_the_message_of_each_op(graph):
    merged = run(
        summary.merge([
            summary.scalar("loss a", 2.5, family="fam"),
            summary.scalar("count", 3),
            summary.image("im", IMAGES),
            summary.image("one", IMAGES, max_outputs=1),
            summary.text("t", constant(["a", "b"])),
            summary.tensor_summary("ts", [1.0, 2.0], summary_description="d", display_name="q"),
            summary.histogram("h", [1.0, 2.0]),
            summary.audio("au", SOUND, 8000.0),
        ])
    )
    assert [v.tag for v in merged.value] == ["fam/fam/loss_a", "count", "im/image/0", "im/image/1", "one/image", "t", "ts", "h",
                                             "au/audio/0", "au/audio/1"]  # fmt: skip
    values = {v.tag: v for v in merged.value}
    assert values["fam/fam/loss_a"].simple_value == 2.5 and values["count"].simple_value == 3
    assert values["t"].metadata.plugin_data.plugin_name == "text" and values["t"].tensor.string_val == [b"a", b"b"]
    assert (values["ts"].metadata.display_name, values["ts"].metadata.summary_description) == ("q", "d")
    assert array_from_proto(values["ts"].tensor).tolist() == [1, 2]
    assert values["h"].histo.num == 2 and values["h"].histo.max == 2
    assert values["au/audio/0"].audio.length_frames == 5


def test_a_second_summary_of_one_name_gets_another_tag(graph):
    both = summary.merge([summary.scalar("q", 1.0), summary.scalar("q", 2.0)])
    assert [(v.tag, v.simple_value) for v in run(both).value] == [("q", 1), ("q_1", 2)]


def test_collections_and_merge_all(graph):
    summary.scalar("a", 1.0, collections=["mine"])
    assert summary.merge_all() is None
    with graph.name_scope("s"):
        summary.scalar("b", 2.0)
    summary.scalar("c", 3.0)
    assert [v.tag for v in run(summary.merge_all()).value] == ["s/b", "c"]
    assert [v.tag for v in run(summary.merge_all(scope="s/")).value] == ["s/b"]
    assert [v.tag for v in run(summary.merge_all("mine", name="m")).value] == ["a"]


@pytest.mark.parametrize(
    "build, what",
    [
        (lambda: summary.histogram("h", [1.0, np.nan]), "Nan in summary histogram for: h"),
        (lambda: summary.image("i", np.zeros((1, 2, 2, 5), np.float32)), r"Tensor must be 4-D with last dim 1, 3, or 4, not \[1,2,2,5\]"),
        (lambda: summary.scalar("s", [1.0, 2.0]), r"tags and values are not the same shape: \[\] != \[2\] \(tag 's'\)"),
        (lambda: make(summary.HistogramSummary, ["a"], [1.0]), "tags must be scalar"),
        (lambda: summary.merge([make(summary.ScalarSummary, "a", 1.0)] * 2), "Duplicate tag a found in summary inputs"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_runs(graph, build, what):
    with pytest.raises(errors.InvalidArgumentError, match=what):
        run(build())


def test_text_must_be_text(graph):
    with pytest.raises(ValueError, match="Expected tensor t to have dtype string, got float32"):
        summary.text("t", constant(1.0))


def test_scalars_of_several_tags(graph):
    assert [(v.tag, v.simple_value) for v in run(make(summary.ScalarSummary, ["a", "b"], [1.0, 2.0])).value] == [("a", 1), ("b", 2)]


def test_merging_nothing_is_refused(graph):
    with pytest.raises(ValueError, match="List argument 'inputs' to 'MergeSummary' Op with length 0"):
        summary.merge([])
    assert summary.merge_all() is None


def test_the_older_audio_op_has_its_rate_as_an_attribute_and_gives_the_same_message(graph):
    tone = np.linspace(-1, 1, 10, dtype=np.float32).reshape(1, 10)
    old = make(AudioSummary, constant("tone"), constant(tone), sample_rate=8000.0, max_outputs=1)
    assert old.op.type == "AudioSummary"
    assert run(old) == run(make(AudioSummaryV2, constant("tone"), constant(tone), constant(8000.0), max_outputs=1))
    assert run(old).value[0].audio.sample_rate == 8000.0
