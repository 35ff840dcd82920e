"""From z to sentences, and how sure a decoder is of a given one."""
