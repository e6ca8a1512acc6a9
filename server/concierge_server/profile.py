"""A user's profile: what is kept of them, over the long run and in their latest conversation."""

from collections import Counter
from dataclasses import dataclass

from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Change, Entry
from concierge_agent.values import Constraint as Wanted
from concierge_server.desk import Desk
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.feedback import Event
from concierge_server.state.profiles import Standing
from concierge_server.subject import feedback_weight
from concierge_tools.data import filters
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError

_COUNTED = ("category", "tags")
_MOST = 5


@dataclass(frozen=True, slots=True)
class UserProfile:
    """What is kept of a user."""

    user_id: str
    forgotten: bool
    """Whether their rows in the log are no longer read."""
    logged: int
    """Rows of the log about them; 0 when they are no longer read."""
    positives: int
    """Distinct items they took well, in the log or in feedback."""
    frequent: dict[str, list[tuple[str, int]]]
    """By field, the values that several of those items share, the commonest first, with how many have them."""
    feedback: list[tuple[Event, str | None]]
    """Standing events, newest first, each with the item's title (None: it left the catalog)."""
    standing: list[Standing]
    """What holds in every conversation, oldest first."""
    conversation: Conversation | None
    """The latest."""


def profile_of(desk: Desk, user_id: str) -> UserProfile:
    """Gather what is kept of a user; nothing of a stranger is nothing, not an error."""
    snapshot = desk.snapshot()
    catalog, log = snapshot.catalog, snapshot.artifact.interactions
    forgotten = user_id in desk.forgotten
    logged, taken = 0, set[int]()
    if log is not None and not forgotten:
        rows = log.history(user_id)
        logged, taken = len(rows), {int(log.items[row]) for row in rows if log.weights[row] > 0}
    events = desk.feedback.of(user_id)
    for event in events:
        if event.item_id in catalog and feedback_weight(snapshot, event) > 0:
            taken.add(catalog.position(event.item_id))
    frequent: dict[str, list[tuple[str, int]]] = {}
    for field in catalog.fields:
        if field.type in _COUNTED:
            values = (catalog.value(field.name, position) for position in sorted(taken))
            counts = Counter(str(v) for value in values for v in _each(value))
            if shared := [(value, number) for value, number in counts.items() if number > 1]:
                frequent[field.name] = sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:_MOST]
    titled = [(e, catalog.titles[catalog.position(e.item_id)] if e.item_id in catalog else None) for e in events]
    latest = DatabaseConversations(desk.engine).latest(user_id)
    return UserProfile(user_id, forgotten, logged, len(taken), frequent, titled, desk.profiles.of(user_id), latest)


def forget_feedback(desk: Desk, user_id: str, item_id: str) -> int:
    """Delete a user's feedback about one item; return how many events stood.

    Raises:
        InputError: There is none.
    """
    if not (events := desk.feedback.forget_item(user_id, item_id)):
        kept = ", ".join(repr(i) for i in dict.fromkeys(event.item_id for event in desk.feedback.of(user_id)))
        raise InputError(
            f"No feedback of {user_id!r} about {item_id!r}; there is {f'some about {kept}' if kept else 'none'}."
        )
    return events


def add_standing(desk: Desk, user_id: str, constraint: Constraint, *, hard: bool) -> Standing:
    """Let a condition hold in every later conversation of the user, and return it as it stands.

    Raises:
        InputError: The catalog has no such field, or the field does not take the operator or the value.
    """
    filters.check(desk.snapshot().catalog, [constraint])
    text = f"{constraint.field} {constraint.op} {constraint.value}"
    said = Wanted.model_validate(constraint.model_dump())
    entry = Entry(id="", kind="constraint", turn=0, text=text, constraint=said, hard=hard, scope="user")
    desk.profiles.add(user_id, entry)
    return next(standing for standing in desk.profiles.of(user_id) if standing.entry.says(entry))


def remove_standing(desk: Desk, user_id: str, standing_id: str) -> None:
    """Delete a standing entry; conversations that go on later no longer hold it.

    Raises:
        InputError: The user has no such entry.
    """
    if not desk.profiles.remove(user_id, standing_id):
        stands = ", ".join(standing.id for standing in desk.profiles.of(user_id))
        has = f"those there are: {stands}" if stands else "nothing stands"
        raise InputError(f"No standing entry {standing_id!r} of {user_id!r}; {has}.")


def remove_entry(desk: Desk, user_id: str, entry_id: str) -> Conversation:
    """Retract an active ledger entry of the user's latest conversation, and return that conversation.

    Raises:
        InputError: There is no conversation, or no such active entry in it.
    """
    conversations = DatabaseConversations(desk.engine)
    conversation = conversations.latest(user_id)
    if conversation is None:
        raise InputError(f"No conversation of {user_id!r} is kept, so there is nothing to remove.")
    active = [entry.id for entry in conversation.ledger.active()]
    if entry_id not in active:
        has = f"the active ones are {', '.join(active)}" if active else "none is active"
        raise InputError(f"No active entry {entry_id!r} in the latest conversation of {user_id!r}; {has}.")
    taken_back = Change(op="retract", entry_id=entry_id)
    ledger = conversation.ledger.apply([taken_back], turn=len(conversation.turns))
    changed = conversation.model_copy(update={"ledger": ledger})
    conversations.edit(changed)
    return changed


def _each(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
