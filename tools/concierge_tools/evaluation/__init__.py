"""Evaluation: how well recommenders foresee what the users of a log chose next."""
