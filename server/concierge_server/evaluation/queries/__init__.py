"""Labelled search queries, frozen, and how well a search answers them."""
