"""`concierge forget`: erases a user."""

from pathlib import Path

import click

from concierge_server.exits import guarded


@click.command()
@click.option("--user", required=True, help="The id of the user to forget.")
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
def forget(user: str, store: Path | None) -> None:
    """Erase everything that is kept about a user.

    Feedback, profile, lessons, conversations, candidate sets, confirmations and cached replies are deleted at once.
    The log's rows are no longer read, and the next fit leaves them out; only the SHA-256 of the id is kept, to know
    whom to leave out.
    """
    with guarded():
        from concierge_server.opening import open_desk
        from concierge_server.state.conversations import DatabaseConversations
        from concierge_server.state.lessons import LessonBook
        from concierge_server.state.replies import forget_replies

        with open_desk(store) as desk:
            desk.forgotten.add(user)
            events = desk.feedback.forget(user)
            conversations = DatabaseConversations(desk.engine).forget(user)
            standing = desk.profiles.forget(user)
            lessons = LessonBook(desk.engine).forget(user)
            sets = desk.bus.forget(user) + desk.confirmations.forget(user)
            replies = forget_replies(desk.engine, user)
    click.echo(
        f"Forgot {user}: {events} feedback events, {conversations} conversations, {standing} standing entries, "
        f"{lessons} lessons, {sets} candidate sets and confirmations, {replies} cached replies deleted. "
        "Run `concierge fit` to train without their log."
    )
