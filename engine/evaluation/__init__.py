"""Models compared: tables in the formats of papers and programs, and curves as data and figures."""
