"""The Reconstruct tab: what the models make of one sentence or point."""
