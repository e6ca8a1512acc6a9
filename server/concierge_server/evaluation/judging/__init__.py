"""Judging explanations: relevance, specificity, accuracy and helpfulness, 1 to 5, by rules or by a model."""
