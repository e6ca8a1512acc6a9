"""The composition root: MCP server, HTTP, settings, state and the `concierge` command."""

__version__ = "0.1.0"
