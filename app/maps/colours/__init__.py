"""What the colours of the points mean: how it is chosen, read, shown on the maps, and narrowed to a part of it."""
