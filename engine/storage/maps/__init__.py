"""The maps of a latent cache: in files of their own beside it, so that it is not copied for them, and within it."""
