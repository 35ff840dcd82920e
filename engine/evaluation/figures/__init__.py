"""Figures for papers and the report: vector files whose text can be searched, at their size in print."""
