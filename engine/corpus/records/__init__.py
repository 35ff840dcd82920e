"""Texts in structured files: JSON lines, CSV, TSV and Parquet."""
