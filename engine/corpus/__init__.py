"""Text of any common kind to filtered, split, memory-mapped token ids."""
