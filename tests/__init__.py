"""Tests of the three packages, and of the whole end to end."""
