"""`concierge call`: one tool, called through a real MCP client in memory."""

from pathlib import Path

import click

from concierge_server.exits import guarded


@click.command()
@click.argument("tool")
@click.argument("arguments", default="{}", metavar="[JSON]")
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option("--text", is_flag=True, help="Print the compact text instead of JSON.")
def call(tool: str, arguments: str, store: Path | None, text: bool) -> None:
    """Call TOOL with a JSON object of arguments and print its result.

    For instance: concierge call search_catalog '{"query": "heist"}'
    """
    import json

    try:
        parsed = json.loads(arguments)
    except json.JSONDecodeError as error:
        raise click.UsageError(
            f"The arguments are not JSON: {error}. Write an object such as '{{\"n\": 5}}'."
        ) from None
    if not isinstance(parsed, dict):
        raise click.UsageError("The arguments must be a JSON object such as '{\"n\": 5}'.")
    with guarded():
        import anyio

        click.echo(anyio.run(_call, tool, parsed, store, text))


async def _call(tool: str, arguments: dict[str, object], store: Path | None, text: bool) -> str:
    import json

    from mcp import Client
    from mcp.types import TextContent

    from concierge_agent.errors import ToolCallError
    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk

    with open_desk(store) as desk:
        async with Client(build_server(desk)) as client:
            result = await client.call_tool(tool, arguments)
    words = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
    if result.is_error:
        raise ToolCallError(tool, words)
    return words if text else json.dumps(result.structured_content, ensure_ascii=False, indent=2)
