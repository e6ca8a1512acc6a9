from mcp.types import Tool

from concierge_agent.llm.signatures import plannable, signatures

SCHEMA = {
    "type": "object",
    "$defs": {"F": {"type": "object", "properties": {"field": {"type": "string"}, "value": {}}}},
    "properties": {
        "query": {"type": "string", "description": "Words."},
        "filters": {"type": "array", "items": {"$ref": "#/$defs/F"}, "default": []},
        "by": {"enum": ["personal", "popularity"], "default": "personal"},
        "candidates": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "user_id": {"type": "string"},
    },
    "required": ["query"],
}


def test_a_signature_shows_types_defaults_and_what_arguments_mean() -> None:
    tool = Tool(name="search", description="Find\n  items.", input_schema=SCHEMA)

    assert signatures([tool]) == (
        'search(query: string, filters: [{field, value}] = [], by: "personal" | "popularity" = "personal", '
        "candidates: string | null = null)\n  Find items.\n  - query: Words."
    )


def test_tools_for_pages_alone_are_not_planned_with() -> None:
    page = Tool(name="page", input_schema={}, _meta={"ui": {"visibility": ["app"]}})
    both = Tool(name="both", input_schema={}, _meta={"ui": {"visibility": ["model", "app"]}})

    assert list(plannable({"page": page, "both": both})) == ["both"]
