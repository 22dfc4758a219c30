"""The graph: tensors, operations, dtypes, shapes, names, errors, and what making an op means."""
