"""What explains the window: the guide, and the page of keys."""
