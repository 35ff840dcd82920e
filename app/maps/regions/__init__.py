"""Names on the maps: the regions of each, found beside the window, and which of them are drawn at a zoom."""
