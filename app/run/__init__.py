"""How a run is opened: the arrays of its cache, its models, and the jobs that make what is missing."""
