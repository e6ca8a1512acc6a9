"""The agent's only way to recommenders: an MCP client, with every call recorded."""

import time
from collections.abc import Mapping
from typing import Any

import anyio
from mcp import Client, MCPError
from mcp.types import CONNECTION_CLOSED, Tool

from concierge_agent.errors import BudgetExceeded, ConnectionFailed, ToolCallError
from concierge_agent.trace import Call

CALL_LIMIT = 24
"""How many calls a turn's brain and plans may make."""


class Toolbox:
    """Calls tools over one MCP client and keeps what happened, in order."""

    def __init__(self, client: Client, tools: Mapping[str, Tool], *, limit: int = CALL_LIMIT) -> None:
        self._client = client
        self._left = limit
        self.tools = tools
        self.calls: list[Call] = []

    def takes(self, tool: str, argument: str) -> bool:
        """Return whether `tool` exists and has this parameter."""
        return tool in self.tools and argument in self.tools[tool].input_schema.get("properties", {})

    async def call(self, tool: str, arguments: Mapping[str, Any], *, step: str, charged: bool = True) -> dict[str, Any]:
        """Call `tool` and return its structured content. Arguments that are None are left out.

        `charged` is False for the agent's own calls (show, explain, relax), which the turn's limit does not count.
        Raises `ToolCallError` when the tool is unknown or refused the call (the message says what to do next),
        `BudgetExceeded` when the turn's calls are used up, and `ConnectionFailed` when the server went away.
        """
        if charged:
            if self._left <= 0:
                raise BudgetExceeded("The turn used up its tool calls.")
            self._left -= 1
        started = time.perf_counter()
        clean = {key: value for key, value in arguments.items() if value is not None}
        error: str | None = None
        structured: dict[str, Any] | None = None
        if tool not in self.tools:
            error = f"No tool {tool!r}; the tools are {', '.join(sorted(self.tools))}."
        else:
            structured, error = await self._send(tool, clean)
        self.calls.append(
            Call(
                step=step,
                tool=tool,
                arguments=clean,
                result=structured,
                error=error,
                seconds=round(time.perf_counter() - started, 6),
            )
        )
        if error is not None or structured is None:
            raise ToolCallError(tool, error or f"{tool} returned nothing.")
        return structured

    def refill(self, limit: int = CALL_LIMIT) -> None:
        """Allow `limit` more charged calls, for the brain that takes over from one that failed."""
        self._left = limit

    async def _send(self, tool: str, arguments: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        """Return the structured content, or None and the tool's or protocol's complaint."""
        try:
            outcome = await self._client.call_tool(tool, arguments)
        except MCPError as refusal:
            if refusal.code == CONNECTION_CLOSED:
                raise ConnectionFailed(f"The server went away during {tool}.") from refusal
            return None, f"{tool} was refused: {refusal}"
        except (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream, OSError) as lost:
            raise ConnectionFailed(f"The server went away during {tool}.") from lost
        if outcome.is_error:
            said = " ".join(getattr(block, "text", "") for block in outcome.content).strip()
            return None, said.removeprefix(f"Error executing tool {tool}: ") or f"{tool} failed."
        return outcome.structured_content, None
