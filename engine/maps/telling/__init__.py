"""What a map tells beyond the places of its points: numbers a sentence, regions, how far a place is from them."""
