"""Recommenders: each scores every item for a profile, says what it rests on, and is one file."""
