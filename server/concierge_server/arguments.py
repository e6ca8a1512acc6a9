"""The guard before the tools: refuses unknown arguments and makes argument errors sentences that a model can use."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError
from pydantic_core import ErrorDetails


class ArgumentGuard:
    """Middleware that checks a call's arguments before its tool runs."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Let good calls through; answer others with an error result, without the SDK's prefix."""
        if ctx.method != "tools/call":
            return await call_next(ctx)
        params = ctx.params or {}
        name, arguments = params.get("name"), params.get("arguments")
        if isinstance(name, str) and (problem := self._problem(name, arguments)):
            return CallToolResult(content=[TextContent(type="text", text=problem)], is_error=True)
        result = await call_next(ctx)
        return _without_prefix(result, f"Error executing tool {name}: ")

    def _problem(self, name: str, arguments: object) -> str | None:
        tool = self._tools.get(name)
        if tool is None:
            return f"No tool {name!r}; {_nearest(name, list(self._tools), 'the tools are')}."
        if arguments is None:
            arguments = {}
        if not isinstance(arguments, Mapping):
            return None
        allowed = list(tool.parameters["properties"])
        if unknown := [key for key in arguments if key not in allowed]:
            if not allowed:
                return f"{name} takes no arguments; leave out {unknown[0]!r}."
            return f"{name} takes no argument {unknown[0]!r}; {_nearest(unknown[0], allowed, 'it takes')}."
        try:
            tool.fn_metadata.validate_arguments(dict(arguments))
        except ValidationError as error:
            problems = dict.fromkeys(_sentence(name, detail) for detail in error.errors(include_url=False))
            return " ".join(list(problems)[:3])
        return None


def _sentence(tool: str, detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "missing":
        return f"{tool} needs {where!r}; give it."
    given = repr(detail["input"])
    shown = given if len(given) <= 80 else given[:77] + "..."
    return f"{tool}: {where!r} cannot be {shown}: {detail['msg'][0].lower()}{detail['msg'][1:]}."


def _nearest(word: str, known: list[str], otherwise: str) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return (f"did you mean {close[0]!r}? " if close else "") + f"{otherwise} {', '.join(known)}"


def _without_prefix(result: HandlerResult, prefix: str) -> HandlerResult:
    if isinstance(result, CallToolResult) and result.is_error:
        content = [
            block.model_copy(update={"text": block.text.removeprefix(prefix)})
            if isinstance(block, TextContent)
            else block
            for block in result.content
        ]
        return result.model_copy(update={"content": content})
    if isinstance(result, dict) and result.get("isError"):
        blocks = [{**b, "text": b["text"].removeprefix(prefix)} if "text" in b else b for b in result["content"]]
        return {**result, "content": blocks}
    return result
