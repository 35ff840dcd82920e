"""From what was measured to numbers: counts of runs of words, a language model, and the columns of every number."""
