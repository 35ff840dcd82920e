"""What the window was about when it was closed last, so that the next one begins there."""
