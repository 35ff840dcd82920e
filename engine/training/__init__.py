"""From a plan and a corpus to models: the loop, what it needs at each step, and what it writes."""
