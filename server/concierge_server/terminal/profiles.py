"""A user's profile, for people."""

from rich.console import Console
from rich.text import Text

from concierge_agent.phrases import label
from concierge_server.profile import UserProfile
from concierge_server.terminal.details import entry_text, entry_words
from concierge_server.terminal.wording import count, line


def render_profile(console: Console, profile: UserProfile) -> None:
    """Print what is kept of a user: log, tastes in numbers, feedback, and what counts in the latest conversation."""
    console.print(Text(f"What is kept of {line(profile.user_id)}", style="bold"))
    console.print(Text("Over the long run", style="bold"))
    if profile.forgotten:
        console.print(Text("  The log's rows about them are no longer read; the next fit leaves them out."))
    else:
        console.print(Text(f"  {count(profile.logged, 'row')} of the log"))
    if profile.positives:
        console.print(Text(f"  {count(profile.positives, 'item')} taken well, in the log or in feedback:"))
    for field, values in profile.frequent.items():
        console.print(Text(f"    {line(label(field))}: {', '.join(f'{line(v)} {n}' for v, n in values)}"))
    for event, title in profile.feedback:
        said = f" {event.value:g}" if event.value is not None else ""
        about = line(title) if title is not None else "no longer in the catalog"
        told = Text(f"  feedback: {line(event.event)}{said}  {about}")
        console.print(told.append(f"  id {line(event.item_id)}, {event.time[:10]}", style="dim"))
    if not profile.feedback:
        console.print(Text("  no feedback"))
    for standing in profile.standing:
        told = Text(f"  {standing.id}  always: ").append_text(entry_words(standing.entry, None))
        console.print(told.append(f"  since {standing.since[:10]}", style="dim"))
    console.print(Text("In the latest conversation", style="bold"))
    conversation = profile.conversation
    entries = conversation.ledger.active() if conversation is not None else ()
    for entry in entries:
        console.print(Text(f"  {entry.id}").append_text(entry_text(entry, None)))
    if not entries:
        console.print(Text("  nothing counts" if conversation is not None else "  there is none"))
    if conversation is not None:
        console.print(Text(f"  conversation {conversation.id}", style="dim"))
    hint = "Change: profile add FIELD OP VALUE, profile remove ENTRY, profile forget-feedback ITEM."
    console.print(Text(hint, style="dim"))
    console.print(Text(f"Erase it all: concierge forget --user {line(profile.user_id)}", style="dim"))
