"""Splits and vocabularies that somebody made before, as the published corpora have them."""
