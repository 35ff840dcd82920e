"""The Traverse tab: sliders along directions of the latent space."""
