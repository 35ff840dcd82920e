"""Some of the test sentences, chosen by a person: as a value, kept under a name, and in files for other programs."""
