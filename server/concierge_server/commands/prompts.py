"""`concierge prompts`: the templates that models are asked with."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from concierge_server.brains import BrainChoice, open_prompts
from concierge_server.exits import guarded

if TYPE_CHECKING:
    from concierge_agent.prompts.library import Prompts
    from concierge_agent.prompts.templates import Template
    from concierge_tools.config import AgentConfig

SAMPLE = "Something to my taste, but nothing too long, please."
STORE = click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), help="The store whose prompts are meant."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which templates are asked for."""

    store: Path | None
    choice: BrainChoice

    def open(self) -> "Prompts":
        """Return the templates in force; without a store, those of the package."""
        return open_prompts(self.choice, _config(self.store))


@click.group(invoke_without_command=True)
@STORE
@click.option(
    "--prompts",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of prompt templates, in place of the store's own.",
)
@click.option("--persona", metavar="NAME", help="The tone, in place of the store's own.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_context
def prompts(
    context: click.Context, store: Path | None, folder: Path | None, persona: str | None, as_json: bool
) -> None:
    """List the prompt templates: version, scenario, slots and size, and where they come from.

    A folder of templates, given here or as `prompts` under [agent] in concierge.toml, overrides those of the package by
    name. What a turn was asked with is in its trace; `concierge evaluate agent --prompts` compares two versions.
    """
    context.obj = Asked(store, BrainChoice(prompts=folder, persona=persona))
    if context.invoked_subcommand is not None:
        return
    with guarded():
        found = context.obj.open()
        if as_json:
            body = {"digest": found.digest, "persona": found.tone, "prompts": [_told(t) for t in _sorted(found)]}
            click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        else:
            from concierge_server.terminal.consoles import consoles
            from concierge_server.terminal.templates import render_templates

            render_templates(consoles()[0], found, _sorted(found))


@prompts.command()
@click.argument("name", metavar="NAME")
@click.option("--filled", is_flag=True, help="Fill its slots as for a turn on the store.")
@click.option("--text", default=SAMPLE, show_default=True, help="With --filled: what the user says in that turn.")
@click.option("--user", "user_id", metavar="ID", help="With --filled: who says it. Default: a guest.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with its front matter.")
@STORE
@click.pass_obj
def show(
    asked: Asked, name: str, filled: bool, text: str, user_id: str | None, as_json: bool, store: Path | None
) -> None:
    """Print a prompt template, as it is or filled in."""
    asked = replace(asked, store=store or asked.store)
    with guarded():
        found = asked.open()
        if name not in found.templates:
            raise click.UsageError(f"No prompt {name!r}; there are {', '.join(t.name for t in _sorted(found))}.")
        told = found[name].text
        if filled:
            import anyio

            told = anyio.run(_filled, asked, found, name, text, user_id)
        if as_json:
            click.echo(json.dumps(_told(found[name]) | {"text": told}, ensure_ascii=False, indent=2))
            return
        from concierge_server.terminal.wording import clean

        click.echo(clean(told))


async def _filled(asked: Asked, found: "Prompts", name: str, text: str, user_id: str | None) -> str:
    from mcp import Client

    from concierge_agent.brain import TurnContext
    from concierge_agent.conversation import Conversation
    from concierge_agent.llm.filled import filled
    from concierge_agent.tools import Toolbox
    from concierge_agent.values import CatalogDescription
    from concierge_server.mcp_server import build_server
    from concierge_server.opening import open_desk
    from concierge_server.state.demonstrations import own_demonstrations

    with open_desk(asked.store) as desk:
        wanted = desk.snapshot().artifact.config.agent.demonstrations == "own"
        own = own_demonstrations(desk.engine, user_id) if wanted else ()
        async with Client(build_server(desk)) as client:
            toolbox = Toolbox(client, {tool.name: tool for tool in (await client.list_tools()).tools})
            catalog = CatalogDescription.model_validate(await toolbox.call("describe_catalog", {}, step="open"))
            conversation = Conversation(id="sample", user_id=user_id)
            return await filled(found, name, TurnContext(text, conversation, catalog, toolbox), own)


def _config(option: Path | None) -> "AgentConfig | None":
    """Return what the store says of its agent, or None where no store was named and none is there."""
    from concierge_server.settings import store_path
    from concierge_tools.errors import StoreError
    from concierge_tools.storage.store import Store

    try:
        return Store(store_path(option)).config().agent
    except StoreError:
        if option is not None:
            raise
        return None


def _sorted(found: "Prompts") -> "list[Template]":
    order = ("detailed", "quick", "cold start", "explanation", "any")
    return sorted(found.templates.values(), key=lambda t: (order.index(t.front.scenario), t.name))


def _told(template: "Template") -> dict[str, Any]:
    return {
        "name": template.name,
        "version": template.version,
        "scenario": template.front.scenario,
        "description": template.front.description,
        "slots": list(template.slots),
        "characters": len(template.text),
        "max_tokens": template.front.max_tokens,
        "variety": template.front.variety,
        "path": template.path,
    }
