"""Every number of the comparison, its definition, and the command `evaluate`."""
