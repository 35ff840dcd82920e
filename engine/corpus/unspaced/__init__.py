"""Languages that are written without spaces between words: Chinese, Japanese, Thai."""
