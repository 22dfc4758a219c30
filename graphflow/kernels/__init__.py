"""Numerics on plain arrays that know no graph: convolutions, random streams, scatters."""
