"""Projections of the latents to the plane, and new points on them."""
