"""The form of a new training: its fields, what is wrong with them, the plan they make."""
