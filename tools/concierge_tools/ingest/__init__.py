"""The owner's files, read row by row, with a quarantine for what cannot be used."""
