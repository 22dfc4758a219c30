"""One module per subcommand of `graphflow`; see graphflow/cli.py."""
