"""Eager execution: operations that run when they are called, tapes that remember them, functions that are traced."""
