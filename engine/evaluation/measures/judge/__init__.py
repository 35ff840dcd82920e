"""The second judge of generated sentences: a small recurrent language model of the run's training text."""
