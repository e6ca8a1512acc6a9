"""An agent that plans, remembers and verifies over MCP tools; holds no recommender code."""
