"""A comparison as one folder that can be handed on: a page that reads by itself, tables, figures, where all is from."""
