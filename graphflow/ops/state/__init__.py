"""Ops that read and write variables."""
