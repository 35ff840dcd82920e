"""The latents of a test set: computed into the cache, or taken from those that are shipped with a run."""
