"""The conversation in a terminal: rendering, streaming, prompt and slash commands. Knows no tools and no store."""
