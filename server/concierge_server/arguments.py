"""The guard before the tools: refuses unknown arguments and makes argument errors sentences that a model can use."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError
from pydantic_core import ErrorDetails

_WANTED = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "str": "text",
    "list[union[bool,int,float,str]]": "a list of these",
    "list[str]": "a list of texts",
}
"""The branches of our unions, as Pydantic names them, in words."""


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
            return f"No tool {_shown(name)}; {_nearest(name, list(self._tools), 'the tools are')}."
        if arguments is None:
            arguments = {}
        if not isinstance(arguments, Mapping):
            return None
        allowed = list(tool.parameters["properties"])
        if unknown := [key for key in arguments if key not in allowed]:
            if not allowed:
                return f"{name} takes no arguments; leave out {_shown(unknown[0])}."
            return f"{name} takes no argument {_shown(unknown[0])}; {_nearest(unknown[0], allowed, 'it takes')}."
        for key, value in arguments.items():
            if value == "null" and _optional(tool, key):
                return f"{name}: {key!r} is the word 'null'; leave it out, or send null without quotes."
        try:
            tool.fn_metadata.validate_arguments(dict(arguments))
        except ValidationError as error:
            return _sentence(name, error.errors(include_url=False))
        return None


def _optional(tool: Tool, key: str) -> bool:
    """Return whether a parameter takes a string or null: the SDK reads the string 'null' as null."""
    kinds = {option.get("type") for option in tool.parameters["properties"][key].get("anyOf", [])}
    return kinds == {"string", "null"}


def _sentence(tool: str, errors: Sequence[ErrorDetails]) -> str:
    """Return one sentence about the first argument that is wrong."""
    first = errors[0]
    where = _place(first["loc"])
    if first["type"] == "missing":
        return f"{tool} needs {where!r}; give it."
    choices = dict.fromkeys(_WANTED.get(str(e["loc"][-1]), "") for e in errors if _place(e["loc"]) == where)
    wanted = " or ".join(choice for choice in choices if choice)
    problem = f"give {wanted}" if wanted else f"{first['msg'][0].lower()}{first['msg'][1:]}"
    return f"{tool}: {where!r} cannot be {_shown(first['input'])}: {problem}."


def _place(location: Sequence[int | str]) -> str:
    """Return where an error is, without the branches of a union that were tried."""
    return ".".join(str(part) for part in location if str(part) not in _WANTED)[:200]


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


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
