"""Files, parsing of records, checkpoints, summaries, printing."""
