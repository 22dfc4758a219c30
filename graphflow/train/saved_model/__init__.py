"""tf.saved_model: a graph with variables, signatures and assets in one folder, written and loaded.

    DIR/saved_model.pb (or .pbtxt)   DIR/variables/variables.index, .data-?????-of-?????   DIR/assets/*
"""
