"""The `concierge` command: a group whose commands are imported only when they are run or asked for help."""

import gc
import sys
from importlib import import_module

import click

from concierge_server import __version__

COMMANDS = {
    "init": "Look at your files and write a commented concierge.toml.",
    "fit": "Validate the data, train the models and publish them to the store.",
    "items": "Change live values such as price and stock without a refit.",
    "serve": "Serve the tools over MCP: stdio, or HTTP with --http.",
    "chat": "Talk to the recommender in the terminal.",
    "call": "Call one tool and print its result.",
    "explanations": "Have a model's words about popular items ready before anyone asks.",
    "evaluate": "Measure the models, risk, and the agent: tasks, talk, questions, intents, order, reasons, lessons.",
    "traces": "List, show and replay the recorded turns of conversations.",
    "prompts": "List the prompts that models are asked with, and show one as it is sent.",
    "profile": "Show what is kept of a user; add to it, and take parts of it back.",
    "install": "Connect Claude Desktop or Claude Code to the store.",
    "doctor": "Check the installation and say how to fix what is wrong.",
    "forget": "Erase everything that is kept about a user.",
}


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"concierge_server.commands.{cmd_name}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  (every command module defines one of its own name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="concierge")
def main() -> None:
    """Give any AI assistant a truthful recommender: your catalog and log in, MCP tools and a chat out."""
    gc.set_threshold(200_000, 20, 100)  # start-up makes many objects that stay; looking at them over and over is slow


def serve() -> None:
    """Run `concierge serve`; the entry point of the `concierge-mcp` script."""
    main(["serve", *sys.argv[1:]], prog_name="concierge")
