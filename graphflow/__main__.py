"""`python -m graphflow`: the same as the `graphflow` command."""

import sys

from graphflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
