"""tf.test: test cases with array assertions, and numeric checks of gradients."""
