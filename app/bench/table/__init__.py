"""The Table tab: the sentences gathered so far, to copy or export."""
