"""Pictures of what the window shows, to be saved: figures of their own, painted from values."""
