"""From a text to a prepared corpus, in the window."""
