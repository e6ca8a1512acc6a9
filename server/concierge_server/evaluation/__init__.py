"""Evaluation: users that play tasks against the agent, and the measures of how it did."""
