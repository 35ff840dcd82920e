"""The Arithmetic tab: a - b + c, and concept directions from two groups of sentences."""
