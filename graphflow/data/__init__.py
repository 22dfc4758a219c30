"""Input: record files, examples, and (later) pipelines."""
