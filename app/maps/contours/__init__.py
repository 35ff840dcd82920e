"""Contours of density on the maps."""
