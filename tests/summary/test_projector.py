"""The configuration of TensorBoard's projector, which TensorBoard reads."""

import pytest

import graphflow as tf

projector = tf.contrib.tensorboard.plugins.projector


def test_embeddings_are_named_in_the_log_folder(tmp_path):
    config = projector.ProjectorConfig()
    embedding = config.embeddings.add()
    embedding.tensor_name, embedding.metadata_path = "words", "labels.tsv"
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([28, 28])
    with tf.Graph().as_default(), tf.summary.FileWriter(str(tmp_path / "logs")) as writer:
        projector.visualize_embeddings(writer, config)
    text = (tmp_path / "logs" / "projector_config.pbtxt").read_text()
    assert text == """\
embeddings {
  tensor_name: "words"
  metadata_path: "labels.tsv"
  sprite {
    image_path: "sprite.png"
    single_image_dim: 28
    single_image_dim: 28
  }
}
"""
    reader = pytest.importorskip("tensorboard.plugins.projector.projector_config_pb2")
    from google.protobuf import text_format

    read = text_format.Parse(text, reader.ProjectorConfig())
    assert read.SerializeToString() == config.SerializeToString()
    projector.visualize_embeddings(str(tmp_path / "other"), config)
    assert (tmp_path / "other" / "projector_config.pbtxt").read_text() == text


def test_a_writer_without_a_folder_is_refused():
    with pytest.raises(ValueError, match="Expected logdir to be a path, but got None"):
        projector.visualize_embeddings(None, projector.ProjectorConfig())
