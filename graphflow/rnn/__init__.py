"""Recurrent networks: cells (`tf.nn.rnn_cell`), and functions that run a cell along a sequence (`tf.nn.dynamic_rnn`, ...)."""
