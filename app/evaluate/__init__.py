"""The Evaluate page: the variants of the open run side by side in numbers, and what stands behind each number."""
