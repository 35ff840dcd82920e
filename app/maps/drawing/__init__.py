"""How one map is painted: points counted into pixels, marks and ways over them, what lies under the pointer."""
