"""The maps of the test sentences, the line above them and the clicked sentence beneath."""
