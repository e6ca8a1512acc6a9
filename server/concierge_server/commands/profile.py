"""`concierge profile`: what is kept of a user, and ways to take parts of it back."""

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

    Without a command: how much of the log is theirs, what they took well, their feedback, and what counts in their
    latest conversation. `concierge forget` erases all of it.
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
    """Take ENTRY back from the ledger of the user's latest conversation.

    A chat that is open on that conversation does not see it, and replaces it with its next turn.
    """
    user = _named(user_id or group[0])
    with guarded():
        from concierge_server import profile as profiles
        from concierge_server.opening import open_desk

        with open_desk(store or group[1]) as desk:
            conversation = profiles.remove_entry(desk, user, entry_id)
    click.echo(f"Took back {entry_id} of conversation {conversation.id}.")


def _named(user_id: str | None) -> str:
    if not user_id:
        raise click.UsageError("Say whose profile with --user ID.")
    return user_id
