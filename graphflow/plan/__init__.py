"""Plans: from the operations of a run to a list of array primitives, and the passes over it."""
