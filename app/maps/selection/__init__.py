"""Working with the points of the maps: drawing round them, choosing them, and what can be done with those chosen."""
