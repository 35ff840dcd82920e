"""The demo's text: where it comes from, and how it is read."""
