"""The agent's only way to recommenders: an MCP client, with every call recorded."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from mcp import Client, MCPError
from mcp.types import CONNECTION_CLOSED, Tool

from concierge_agent.errors import BudgetExceeded, ConnectionFailed, ToolCallError
from concierge_agent.trace import Call

CALL_LIMIT = 24
"""How many calls a turn's brain and plans may make."""
Wanted = tuple[str, Mapping[str, Any], str]
"""A call to make: the tool, its arguments, and the step it is for."""


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
            self._charge()
        call = await self._made(tool, arguments, step)
        self.calls.append(call)
        return returned(call)

    async def call_at_once(self, wanted: Sequence[Wanted]) -> list[Call]:
        """Make several charged calls at the same time and return them in the order given, up to the first refused one.

        The trace is what one call after the other would have left: what was asked for after a refused call is cancelled
        and not recorded, what was asked for before it is waited for.
        Raises `BudgetExceeded` when the turn's calls do not suffice, after those they suffice for, and
        `ConnectionFailed` when the server went away.
        """
        made: list[Call | None] = [None] * len(wanted)
        lost: list[ConnectionFailed] = []
        scopes = [anyio.CancelScope() for _ in wanted]

        async def make(place: int) -> None:
            tool, arguments, step = wanted[place]
            with scopes[place]:
                try:
                    call = made[place] = await self._made(tool, arguments, step)
                except ConnectionFailed as error:
                    lost.append(error)
                if lost or call.error is not None:
                    for scope in scopes[place + 1 :]:
                        scope.cancel()

        affordable = min(len(wanted), self._left)
        self._left -= affordable
        async with anyio.create_task_group() as group:
            for place in range(affordable):
                group.start_soon(make, place)
        kept: list[Call] = []
        for call in made:
            if call is None:
                break
            kept.append(call)
            if call.error is not None:
                break
        self.calls += kept
        if lost:
            raise lost[0]
        refused = bool(kept) and kept[-1].error is not None
        if affordable < len(wanted) and not refused:
            raise _used_up()
        return kept

    def refill(self, limit: int = CALL_LIMIT) -> None:
        """Allow `limit` more charged calls, for the brain that takes over from one that failed."""
        self._left = limit

    def _charge(self) -> None:
        if self._left <= 0:
            raise _used_up()
        self._left -= 1

    async def _made(self, tool: str, arguments: Mapping[str, Any], step: str) -> Call:
        """Return the call as it went, not yet recorded."""
        started = time.perf_counter()
        clean = {key: value for key, value in arguments.items() if value is not None}
        error: str | None = None
        structured: dict[str, Any] | None = None
        if tool not in self.tools:
            error = f"No tool {tool!r}; the tools are {', '.join(sorted(self.tools))}."
        else:
            structured, error = await self._send(tool, clean)
            if structured is None and error is None:
                error = f"{tool} returned nothing."
        seconds = round(time.perf_counter() - started, 6)
        return Call(step=step, tool=tool, arguments=clean, result=structured, error=error, seconds=seconds)

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


def returned(call: Call) -> dict[str, Any]:
    """Return what a call returned. Raises `ToolCallError` when it was refused."""
    if call.error is not None or call.result is None:
        raise ToolCallError(call.tool, call.error or f"{call.tool} returned nothing.")
    return call.result


def _used_up() -> BudgetExceeded:
    return BudgetExceeded("The turn used up its tool calls.")
