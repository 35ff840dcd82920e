"""Widgets: one subject each, setters in and signals out. None of them calls the engine's long or model work."""
