"""A run on disk: its settings, checkpoints and logs, and the corpus it was trained on."""
