"""The Diagnosis window: what z carries in each variant of the open run, whether it has collapsed, and why."""
