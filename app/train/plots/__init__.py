"""The curves of a training: arrays, plots, values beside them, KL per dimension."""
