"""`tf.contrib.seq2seq`: decoders that a loop drives, the helpers that feed them, attention, beam search, and the loss of sequences."""
