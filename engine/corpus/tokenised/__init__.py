"""Text whose words somebody cut before: found out, read as it stands, and typed sentences read like it."""
