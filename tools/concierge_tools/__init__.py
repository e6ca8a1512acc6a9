"""Recommender models, retrieval and explanation as plain, typed Python; knows no protocol and no language model."""
