"""Texts that read from the right, shown the right way round."""
