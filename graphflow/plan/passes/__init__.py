"""Passes over plans, one file each; `plan.pipeline` lists them in order."""
