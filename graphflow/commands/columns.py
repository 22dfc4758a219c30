"""Aligned columns and readable sizes for what commands print."""
from __future__ import annotations

from collections.abc import Sequence


def table(rows: Sequence[tuple[str, ...]], numbers: tuple[int, ...] = ()) -> list[str]:
    """Rows as aligned columns; those in `numbers` to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return ["  ".join(cell.rjust(width) if at in numbers else cell.ljust(width)
                      for at, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]


def size_text(size: int) -> str:
    """'1.5 MB' for 1500000."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"
