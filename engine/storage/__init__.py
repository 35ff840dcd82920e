"""Files published whole, and the HDF5 cache. FORMAT.md specifies every file of the program."""
