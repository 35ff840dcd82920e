"""Sentences as people see them: differences marked, on cards with their numbers, or in long lists side by side."""
