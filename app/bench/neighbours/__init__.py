"""The Neighbours tab: the test sentences nearest to a sentence or a point."""
