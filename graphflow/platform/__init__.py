"""What TF1 programs use around the graph: flags, app.run, logging, files."""
