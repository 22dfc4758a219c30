"""Modules of tensorflow.python that programs imported and that have no public name to answer for them: one file each."""
