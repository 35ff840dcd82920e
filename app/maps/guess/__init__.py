"""What the models would say at an empty place of a map: a guess from the sentences around, and marked as one."""
