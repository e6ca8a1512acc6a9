"""The tools, grouped by what they do; each docstring is the prompt a model reads."""
