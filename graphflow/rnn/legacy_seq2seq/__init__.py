"""Sequence models of TF 0.x and `tf.contrib.legacy_seq2seq`: lists of tensors, one per time step."""
