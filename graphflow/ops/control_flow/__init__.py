"""Order without data (no_op, group, tuple); branches, loops and calls, whose bodies are graphs inside the graph."""
