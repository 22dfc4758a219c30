"""RunOptions and RunMetadata of a single run."""
from __future__ import annotations

from typing import Any


def traced_run(session: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
    """NotImplemented when options ask for nothing that changes a run (then the plain path serves)."""
    if options is not None and not hasattr(options, "trace_level"):
        raise TypeError(f"options must be a tf.RunOptions message, got {type(options).__name__}")
    return NotImplemented
