"""A conversation: its turns, its ledger, and what is waiting for the user's answer."""

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, Field

from concierge_agent.answer import AnswerItem
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.plan import Intent
from concierge_agent.trace import Trace
from concierge_agent.values import CatalogDescription, Constraint, Question

if TYPE_CHECKING:
    from concierge_agent.lessons import Lesson

KEPT_WHOLE = 20
"""So many of the latest turns keep their prose and the fields of their items."""


class Turn(BaseModel):
    """One exchange, as later turns refer to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    text: str
    reply: str
    intent: Intent
    items: tuple[AnswerItem, ...] = ()
    """What was presented, in order: "the second one" is the second of the last turn that has any."""
    asked: bool = False
    """Whether it asked something and showed nothing."""
    seeds: tuple[str, ...] = ()
    """Items this turn asked for things similar to."""
    candidates: str | None = None
    """Handle of the list that was presented, which knows why its items are in it; it may have expired since."""

    @property
    def gist(self) -> "Turn":
        """What is left of an old turn: what the user said, and which items were presented. Its prose is gone."""
        items = tuple(AnswerItem(id=item.id, title=item.title, reason="") for item in self.items)
        return self.model_copy(update={"reply": "", "items": items})


class Pending(BaseModel):
    """What the user was asked and has not answered yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """"question" (about a field), "offer" (one that went with items, and may be passed over), "consent" (show withheld
    items) or "relax" (drop a constraint)."""
    question: Question
    confirmation: str | None = None
    """The server's token, when `kind` is "consent"."""
    item_ids: tuple[str, ...] = ()
    rules: tuple[Constraint, ...] = ()
    """For "consent": what a refusal rules out. For "relax": the constraints that could be dropped, in option order."""
    drops: tuple[tuple[Constraint, ...], ...] = ()
    """For "relax": what each option drops. Differs from `rules` only where nothing less than a pair helps."""


class Conversation(BaseModel):
    """Everything that is remembered between turns; immutable, so that a turn either happened or did not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    user_id: str | None = None
    turns: tuple[Turn, ...] = ()
    ledger: Ledger = Field(default_factory=Ledger)
    pending: Pending | None = None
    shown: tuple[str, ...] = ()
    """Every item id presented so far."""
    rejected: tuple[str, ...] = ()
    """Items the user waved away without disliking them ("not that one", "seen it")."""

    @property
    def trimmed(self) -> "Conversation":
        """The conversation without the prose of turns before the latest `KEPT_WHOLE`; nothing else is ever let go.

        The latest turn that presented items stays whole: later turns refer to it.
        """
        whole = self.whole
        return self.model_copy(update={"turns": tuple(t if t.number in whole else t.gist for t in self.turns)})

    @property
    def whole(self) -> frozenset[int]:
        """The numbers of the turns that are kept whole."""
        latest = {turn.number for turn in self.turns[-KEPT_WHOLE:]}
        return frozenset({*latest, next((turn.number for turn in reversed(self.turns) if turn.items), 0)})

    @property
    def titles(self) -> dict[str, str]:
        """Titles by item id, of everything that was presented or that an entry of the ledger is about."""
        presented = {item.id: item.title for turn in self.turns for item in turn.items}
        return presented | {e.item_id: e.title for e in self.ledger.entries if e.item_id and e.title}

    @property
    def last_items(self) -> tuple[AnswerItem, ...]:
        """The items of the latest turn that presented any."""
        return next((turn.items for turn in reversed(self.turns) if turn.items), ())


class ConversationStore(Protocol):
    """Keeps conversations and traces; implemented by the server's database, or locally under `--connect`."""

    def load(self, conversation_id: str) -> Conversation | None:
        """Return the conversation, or None."""
        ...

    def latest(self, user_id: str | None) -> Conversation | None:
        """Return the conversation of this user (None: of guests) that was saved last, or None."""
        ...

    def save(self, conversation: Conversation, trace: Trace) -> None:
        """Store the conversation, its latest turn's trace and what that turn changed of what stands: all or nothing."""
        ...

    def standing(self, user_id: str | None) -> tuple[Entry, ...] | None:
        """Return what holds for the user in every conversation, oldest first; None when nothing outlives this one."""
        ...

    def lessons(self, user_id: str | None, catalog: CatalogDescription) -> "tuple[Lesson, ...]":
        """Return the lessons that may help with this user's requests, oldest first; none where nothing is learned."""
        ...
