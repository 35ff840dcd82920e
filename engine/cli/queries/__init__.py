"""The commands that put a question about sentences or points to the models of a run."""
