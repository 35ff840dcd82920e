"""Steps that a GPU takes from a graph of itself, so that it never waits for Python; see `stepping`."""
