"""`concierge profile`: what is kept of a user, and ways to take parts of it back."""

import json
from pathlib import Path

import click

from concierge_server.exits import guarded

USER = click.option("--user", "user_id", metavar="ID", help="Whose profile.")
STORE = click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="The store's folder.")

Whose = tuple[str | None, Path | None]


@click.group(invoke_without_command=True)
@USER
@STORE
@click.pass_context
def profile(context: click.Context, user_id: str | None, store: Path | None) -> None:
    """Show what is kept of a user, and take parts of it back.

    Without a command: how much of the log is theirs, what they took well, their feedback, what stands in every
    conversation because they said so, and what counts in the latest. `concierge forget` erases all of it.
    """
    context.obj = (user_id, store)
    if context.invoked_subcommand is not None:
        return
    user = _named(user_id)
    with guarded():
        from concierge_server.opening import open_desk
        from concierge_server.profile import profile_of
        from concierge_server.terminal.consoles import consoles
        from concierge_server.terminal.profiles import render_profile

        with open_desk(store) as desk:
            render_profile(consoles()[0], profile_of(desk, user))


@profile.command("forget-feedback")
@click.argument("item_id", metavar="ITEM")
@USER
@STORE
@click.pass_obj
def forget_feedback(group: Whose, item_id: str, user_id: str | None, store: Path | None) -> None:
    """Delete the user's feedback about ITEM."""
    user = _named(user_id or group[0])
    with guarded():
        from concierge_server import profile as profiles
        from concierge_server.opening import open_desk

        with open_desk(store or group[1]) as desk:
            events = profiles.forget_feedback(desk, user, item_id)
    click.echo(f"Deleted {events} feedback events of {user} about {item_id}.")


@profile.command()
@click.argument("entry_id", metavar="ENTRY")
@USER
@STORE
@click.pass_obj
def remove(group: Whose, entry_id: str, user_id: str | None, store: Path | None) -> None:
    """Take ENTRY back: p1 stands in every conversation, e1 counts in the user's latest.

    A chat that is open on that conversation does not see it, and replaces it with its next turn.
    """
    user = _named(user_id or group[0])
    with guarded():
        from concierge_server import profile as profiles
        from concierge_server.opening import open_desk
        from concierge_server.state.profiles import PREFIX

        with open_desk(store or group[1]) as desk:
            if entry_id.startswith(PREFIX):
                profiles.remove_standing(desk, user, entry_id)
                click.echo(f"Took back {entry_id}; it stands no more.")
                return
            conversation = profiles.remove_entry(desk, user, entry_id)
    click.echo(f"Took back {entry_id} of conversation {conversation.id}.")


@profile.command()
@click.argument("field")
@click.argument("op", metavar="OP")
@click.argument("value")
@click.option("--soft", is_flag=True, help="Prefer it, but show what does not meet it too.")
@USER
@STORE
@click.pass_obj
def add(group: Whose, field: str, op: str, value: str, soft: bool, user_id: str | None, store: Path | None) -> None:
    """Let a condition hold in every later conversation, such as: genres not_contains Horror.

    VALUE is JSON where it reads as JSON (90, true, ["a", "b"]), else a word.
    """
    user = _named(user_id or group[0])
    with guarded():
        from pydantic import ValidationError

        from concierge_server import profile as profiles
        from concierge_server.opening import open_desk
        from concierge_tools.data.constraints import Constraint
        from concierge_tools.errors import InputError

        try:
            constraint = Constraint.model_validate({"field": field, "op": op, "value": _value(value)})
        except ValidationError as error:
            raise InputError(f"{field} {op} {value} is no condition: {error.errors()[0]['msg']}.") from None
        with open_desk(store or group[1]) as desk:
            standing = profiles.add_standing(desk, user, constraint, hard=not soft)
    click.echo(f"Kept {standing.id}: {standing.entry.text}.")


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _named(user_id: str | None) -> str:
    if not user_id:
        raise click.UsageError("Say whose profile with --user ID.")
    return user_id
