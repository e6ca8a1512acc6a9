"""Tools as a planner reads them: one line of arguments and what the server says of each, from the live schemas."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mcp.types import Tool

NOT_PLANNED = frozenset({"show_recommendations", "record_feedback"})
"""Tools a model's plan never calls: presenting is the agent's commit point, and a model writes nothing."""
_FILLED_IN = frozenset({"user_id", "cursor", "detail"})
"""Arguments a plan leaves out: who is asking is the agent's to say, and the other two are for readers of pages."""

_DESCRIPTION_SIZE = 900


def plannable(tools: Mapping[str, Tool]) -> dict[str, Tool]:
    """Return the tools a plan may call, by name: none that presents or writes, none that is meant for pages alone."""
    return {name: tool for name, tool in sorted(tools.items()) if name not in NOT_PLANNED and not _for_pages(tool)}


def signatures(tools: Iterable[Tool]) -> str:
    """Return the tools as text: signature, description, and a line per described argument."""
    return "\n\n".join(_signature(tool) for tool in tools)


def _for_pages(tool: Tool) -> bool:
    ui = (tool.meta or {}).get("ui")
    return isinstance(ui, dict) and ui.get("visibility") == ["app"]


def _signature(tool: Tool) -> str:
    schema = tool.input_schema
    properties = {name: part for name, part in schema.get("properties", {}).items() if name not in _FILLED_IN}
    required = set(schema.get("required", ()))
    arguments = []
    for name, part in properties.items():
        default = "" if name in required else f" = {json.dumps(part.get('default'))}"
        arguments.append(f"{name}: {_type(part, schema)}{default}")
    lines = [f"{tool.name}({', '.join(arguments)})"]
    if tool.description:
        lines.append("  " + " ".join(tool.description.split())[:_DESCRIPTION_SIZE])
    lines += [f"  - {name}: {part['description']}" for name, part in properties.items() if part.get("description")]
    return "\n".join(lines)


def _type(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in part:
        return _type(schema.get("$defs", {}).get(part["$ref"].rsplit("/", 1)[-1], {}), schema)
    if "enum" in part:
        return " | ".join(json.dumps(value) for value in part["enum"])
    if "const" in part:
        return json.dumps(part["const"])
    if "anyOf" in part:
        return " | ".join(dict.fromkeys(_type(option, schema) for option in part["anyOf"]))
    if part.get("type") == "array":
        return f"[{_type(part.get('items', {}), schema)}]"
    if part.get("type") == "object":
        return "{" + ", ".join(part.get("properties", ())) + "}"
    return str(part.get("type", "any"))
