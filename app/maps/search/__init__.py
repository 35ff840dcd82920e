"""The search over the maps: its field, what it finds, and the list of it."""
