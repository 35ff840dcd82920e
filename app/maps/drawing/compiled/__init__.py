"""Loops over points and pixels that numba compiles, and how they come into the window."""
