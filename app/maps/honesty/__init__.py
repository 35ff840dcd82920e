"""How much a place of a map is worth: sentences under the pointer, and how far decoded points are from any of them."""
