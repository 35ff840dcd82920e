"""What comes back of the sentences: of how many that was measured, and measuring it of the rest."""
