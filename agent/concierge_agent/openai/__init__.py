"""The OpenAI-compatible brain: the same planner and writer over `chat/completions`, which most servers speak."""
