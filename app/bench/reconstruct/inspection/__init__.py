"""Closer looks at one sentence: posterior cloud, token credit, beam tree, words for a blank."""
