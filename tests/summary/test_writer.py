"""`tf.summary.FileWriter`, read back by us and by TensorBoard's own reader."""

import io
import warnings

import numpy as np
import pytest

from graphflow.core.constant import constant
from graphflow.core.graph import Graph
from graphflow.formats.event_file import event_files, read_events
from graphflow.formats.proto import Event, GraphDef, MetaGraphDef, RunMetadata, SessionLog, Summary, parse
from graphflow.ops.io import summary
from graphflow.runtime.session import Session
from graphflow.summary.writer import FileWriter, FileWriterCache

IMAGES = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)


def events(folder):
    return [event for file in event_files(folder) for event in read_events(file)]


def kinds(folder):
    return [event.WhichOneof("what") for event in events(folder)]


def small_graph():
    graph = Graph()
    with graph.as_default():
        constant([1.0, 2.0], name="layer/c")
    return graph


def test_a_graph_is_written_with_shapes_then_as_meta_graph(tmp_path):
    graph = small_graph()
    with FileWriter(str(tmp_path), graph) as writer:
        assert writer.get_logdir() == str(tmp_path)
    assert kinds(tmp_path) == ["file_version", "graph_def", "meta_graph_def"]
    found = events(tmp_path)
    message = parse(found[1].graph_def, GraphDef)
    lines = message.debug_info.traces  # of the program, for the viewer
    assert {name.split("@")[0] for name in lines} == {op.name for op in graph.get_operations()}
    message.ClearField("debug_info")
    assert message == graph.as_graph_def(add_shapes=True)
    assert [d.size for d in message.node[0].attr["_output_shapes"].list.shape[0].dim] == [2]
    assert parse(found[2].meta_graph_def, MetaGraphDef).graph_def == message


def test_everything_that_can_be_added(tmp_path):
    writer = FileWriter(tmp_path, flush_secs=1000)
    value = Summary(value=[Summary.Value(tag="a", simple_value=1)])
    writer.add_summary(value, 3)
    writer.add_summary(value.SerializeToString(), np.int64(4))
    writer.add_session_log(SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path="x"), 5)
    writer.add_run_metadata(RunMetadata(), "run1", 6)
    writer.add_meta_graph(MetaGraphDef(), 7)
    writer.add_graph(small_graph(), 8)
    writer.add_event(Event(step=9, wall_time=2.0, file_version="mine"))
    writer.flush()
    found = events(tmp_path)[1:]
    found_kinds = [(e.step, e.WhichOneof("what")) for e in found]
    assert found_kinds == [(3, "summary"), (4, "summary"), (5, "session_log"), (6, "tagged_run_metadata"),
                                                               (7, "meta_graph_def"), (8, "graph_def"), (9, "file_version")]  # fmt: skip
    assert found[3].tagged_run_metadata.tag == "run1" and found[0].wall_time > 1e9 and found[6].wall_time == 2.0
    with pytest.raises(ValueError, match="already used"):
        writer.add_run_metadata(RunMetadata(), "run1")
    with pytest.raises(TypeError, match="MetaGraphDef"):
        writer.add_meta_graph(GraphDef())
    with pytest.raises(TypeError, match="instance of `Graph`"):
        writer.add_graph("graph")
    with pytest.raises(ValueError, match="not both"):
        writer.add_graph(small_graph(), graph_def=GraphDef())
    with pytest.warns(UserWarning, match="deprecated"):
        writer.add_graph(small_graph().as_graph_def())
    writer.close()
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.add_summary(value, 10)
    writer.reopen()
    writer.add_summary(value, 11)
    writer.close()
    assert sorted(e.step for e in events(tmp_path) if e.WhichOneof("what") == "summary") == [3, 4, 11]


def test_metadata_comes_with_the_first_value_of_a_tag_only(tmp_path):
    value = Summary.Value(tag="t", metadata={"plugin_data": {"plugin_name": "text"}})
    message = Summary(value=[value])
    with FileWriter(tmp_path) as writer:
        writer.add_summary(message, 1)
        writer.add_summary(message, 2)
    found = [e.summary.value[0] for e in events(tmp_path) if e.summary.value]
    assert [v.HasField("metadata") for v in found] == [True, False]
    assert message.value[0].HasField("metadata"), "the caller's message is left alone"


def test_the_cache_shares_writers(tmp_path):
    with Graph().as_default():
        one = FileWriterCache.get(tmp_path)
        assert FileWriterCache.get(str(tmp_path)) is one
        FileWriterCache.clear()
        assert FileWriterCache.get(str(tmp_path)) is not one
        FileWriterCache.clear()


@pytest.fixture(scope="module")
def accumulated(tmp_path_factory):
    """A log of graphflow's in TensorBoard's own reader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = tmp_path_factory.mktemp("log")
    graph = small_graph()
    with graph.as_default():
        merged = summary.merge([
            summary.scalar("loss", constant(0.5)),
            summary.histogram("weights", constant([1.0, 2.0, 2.0])),
            summary.image("picture", constant(IMAGES)),
            summary.text("notes", constant(["**bold**"])),
            summary.audio("tone", constant(np.zeros((1, 80, 1), np.float32)), 8000.0),
        ])
    with FileWriter(folder, graph) as writer, Session(graph=graph) as session:
        for step in range(3):
            writer.add_summary(session.run(merged), step)
        writer.add_run_metadata(RunMetadata(), "trace", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = accumulator.EventAccumulator(str(folder), size_guidance={"images": 0, "tensors": 0})
        found.Reload()
        yield found


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_what_we_write(accumulated):
    from PIL import Image

    assert [(s.step, s.value) for s in accumulated.Scalars("loss")] == [(0, 0.5), (1, 0.5), (2, 0.5)]
    histogram = accumulated.Histograms("weights")[0].histogram_value
    assert (histogram.num, histogram.min, histogram.max, sum(histogram.bucket)) == (3, 1, 2, 3)
    picture = accumulated.Images("picture/image/0")[0]
    assert np.array_equal(np.array(Image.open(io.BytesIO(picture.encoded_image_string))), IMAGES[0])
    assert accumulated.Tensors("notes")[0].tensor_proto.string_val[0] == b"**bold**"
    assert accumulated.SummaryMetadata("notes").plugin_data.plugin_name == "text"
    assert accumulated.Audio("tone/audio/0")[0].sample_rate == 8000
    nodes = {node.name for node in accumulated.Graph().node}
    assert {"layer/c", "loss", "weights"} <= nodes
    assert accumulated.Tags()["run_metadata"] == ["trace"]
    assert len(accumulated.MetaGraph().graph_def.node) == len(nodes)
