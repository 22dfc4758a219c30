"""Reductions along axes, running sums, counts and positions of extremes."""
