"""One command per module, each named like its module."""
