"""The lower part of the Explore page: its tabs, and how sentences are made in them."""
