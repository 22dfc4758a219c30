"""Sums and their like over segments of rows."""
