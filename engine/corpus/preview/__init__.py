"""A look at a text before it is prepared."""
