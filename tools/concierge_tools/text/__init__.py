"""Text: full-text search, and linking words to items and values."""
