"""Files that TensorFlow wrote and reads: messages, records, tables, checkpoints. Knows no graph; imports nothing of graphflow."""
