"""The public TF1 names: the generated tables of those there are and are not, and how they are resolved on first touch."""
