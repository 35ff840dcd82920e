"""The commands: what a person types, and what the app starts as processes."""
