"""A path drawn over a map, and the sentences along it: guesses at places of it, or test sentences near it."""
