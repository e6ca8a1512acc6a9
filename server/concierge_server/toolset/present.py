"""The presenting tool, where policy is settled, and the tool that records what users do."""

from collections.abc import Sequence
from typing import Annotated, Literal

from mcp.types import CallToolResult
from pydantic import Field

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import in_words, policy_breach
from concierge_server.lists import Lists, describe_item
from concierge_server.policy import confirmation_rules
from concierge_server.policy_questions import answer_constraints, meant, owed_question, settled_by_items
from concierge_server.principal import principal
from concierge_server.results import (
    ConfirmationRequest,
    FeedbackResult,
    FieldValue,
    ShownResult,
    Withheld,
)
from concierge_server.state.conversations import DatabaseConversations
from concierge_server.state.feedback import Event
from concierge_server.subject import FEEDBACK_WEIGHTS, Subject, feedback_weight, subject_of
from concierge_server.text import reply
from concierge_server.toolset.parameters import Filters, ItemId, UserId
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError

DEFAULT_SHOWN = 5
WITHHELD_LISTED = 20
EVENTS = (*FEEDBACK_WEIGHTS, "rating")


class PresentTools:
    """The one way to put items before a user, and the one way to write."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lists = Lists(desk)

    def show_recommendations(
        self,
        candidates: Annotated[
            str | None, Field(max_length=60, description="Handle whose best items are to be shown; or give item_ids.")
        ] = None,
        item_ids: Annotated[list[ItemId], Field(max_length=100, description="The items to show, best first.")] = [],
        filters: Filters = [],
        user_id: UserId = None,
        answers: Annotated[
            dict[str, bool | int | float | str | list[str] | None],
            Field(
                description="The user's answers to questions the store must ask first, by field; null: no preference."
            ),
        ] = {},
        confirmation: Annotated[
            str | None, Field(max_length=60, description="Token of a confirmation, once the user has agreed.")
        ] = None,
    ) -> Annotated[CallToolResult, ShownResult]:
        """Commit to recommendations: call it with what you are about to show, and show exactly what it returns.

        It settles the store's policy. `question`: ask the user first, then call again with the answer in `answers`.
        `confirmation`: some items need the user's consent; ask with the given text and call again with the token.
        `shown`: present these items, each with all its disclosures. What it kept back is listed with the reason.
        """
        if (candidates is None) == (not item_ids):
            raise InputError("Give either `candidates` (a handle) or `item_ids`, and not both.")
        snapshot = self._desk.snapshot()
        stated = filter_engine.check(snapshot.catalog, filters)
        for field in answers:
            snapshot.catalog.field(field)
        notes: list[str] = []
        if candidates is not None:
            positions, found, notes = self._lists.positions(snapshot, candidates)
            proposed = [int(p) for p in positions]
            user_id = user_id if user_id is not None else found.recipe.get("user_id")
        else:
            proposed = [snapshot.catalog.position(item_id) for item_id in dict.fromkeys(item_ids)]
        subject = subject_of(self._desk, snapshot, user_id)
        wanted = [*stated, *_answered(snapshot, proposed, answers)]
        kept, withheld = _settle(snapshot, proposed, wanted, subject)
        known = {constraint.field for constraint in stated} | set(answers)
        settled = settled_by_items(snapshot, kept, known)
        known |= set(settled)
        notes = [*notes, *settled.values()]
        if question := owed_question(snapshot, kept, known):
            return reply(
                ShownResult(
                    status="question",
                    items=[],
                    question=question,
                    candidates=candidates,
                    artifact=snapshot.artifact.version,
                    notes=notes,
                )
            )
        limit = snapshot.policy.max_items or (len(kept) if candidates is None else DEFAULT_SHOWN)
        if candidates is None and len(kept) > limit:
            reason = f"the store shows at most {limit} at a time"
            withheld += [Withheld(id=snapshot.catalog.ids[p], reason=reason) for p in kept[limit:]]
        shown = kept[:limit]
        return reply(self._present(snapshot, shown, wanted, user_id, confirmation, candidates, withheld, notes))

    def record_feedback(
        self,
        item_id: Annotated[str, Field(max_length=500, description="The item it is about.")],
        event: Annotated[
            str,
            Field(max_length=40, description=f"What the user did: one of {', '.join(EVENTS)}, or an event of the log."),
        ],
        user_id: UserId = None,
        value: Annotated[float | None, Field(allow_inf_nan=False, description="A rating's number.")] = None,
        idempotency_key: Annotated[
            str | None,
            Field(max_length=200, description="The same key stores an event once, however often it is sent."),
        ] = None,
        undo: Annotated[bool, Field(description="Take back the newest such event instead.")] = False,
    ) -> Annotated[CallToolResult, FeedbackResult]:
        """Record what a user did with an item; the very next recommend_for_user for that user takes it into account.

        Only record what the user really did or said. Without a user_id it is kept for 'owner'.
        """
        snapshot = self._desk.snapshot()
        snapshot.catalog.position(item_id)
        log = snapshot.artifact.config.interactions
        allowed = (*EVENTS, *(log.weights if log is not None else ()))
        if event not in allowed:
            raise InputError(f"No event {event!r}; the events are {', '.join(dict.fromkeys(allowed))}.")
        if event == "rating" and value is None and not undo:
            raise InputError("A 'rating' needs its number; give it as `value`.")
        user = user_id if user_id is not None else principal()
        kind = f"undo {event}" if undo else event
        earlier = self._desk.feedback.keyed(principal(), user, idempotency_key)
        if earlier is not None and (earlier.item_id, earlier.event) != (item_id, kind):
            raise InputError(
                f"The idempotency key {idempotency_key!r} was used for {earlier.event!r} of {earlier.item_id!r}; "
                "give every event a key of its own."
            )
        if earlier is not None:
            return reply(_stored(earlier, "duplicate"))
        if undo:
            taken = self._desk.feedback.undo(principal(), user, item_id, event, idempotency_key)
            return reply(_stored(taken, "undone" if taken.id else "nothing_to_undo"))
        stored, new = self._desk.feedback.record(principal(), user, item_id, event, value, idempotency_key)
        weight = feedback_weight(snapshot, stored)
        if new and weight:
            book = DatabaseConversations(self._desk.engine, lessons=snapshot.artifact.config.agent.lessons)
            book.take_feedback(user, item_id, good=weight > 0)
        return reply(_stored(stored, "stored" if new else "duplicate"))

    def _present(
        self,
        snapshot: Snapshot,
        kept: Sequence[int],
        wanted: Sequence[Constraint],
        user_id: str | None,
        confirmation: str | None,
        candidates: str | None,
        withheld: list[Withheld],
        notes: list[str],
    ) -> ShownResult:
        confirmed: frozenset[str] = frozenset()
        if confirmation is not None:
            found = self._desk.confirmations.confirmed(principal(), user_id, confirmation)
            if found is None:
                notes = [*notes, "That confirmation is unknown, has expired or was given by someone else."]
            confirmed = found or frozenset()
        ids = snapshot.catalog.ids
        owed = [p for p in kept if confirmation_rules(snapshot, p) and ids[p] not in confirmed]
        shown = [p for p in kept if p not in owed]
        request = None
        if owed:
            texts = dict.fromkeys(rule.text for p in owed for rule in confirmation_rules(snapshot, p))
            token, expires = self._desk.confirmations.mint(principal(), user_id, [ids[p] for p in owed])
            request = ConfirmationRequest(
                token=token, item_ids=[ids[p] for p in owed], text=" ".join(texts), expires_at=expires
            )
            withheld = [*withheld, *(Withheld(id=ids[p], reason="needs the user's consent") for p in owed)]
        status = "shown" if shown else "confirmation" if owed else "empty"
        items = [describe_item(snapshot, p, detail="full", filters=wanted) for p in shown]
        return ShownResult(
            status=status,
            items=[item.model_copy(update={"needs_confirmation": False}) for item in items],
            confirmation=request,
            withheld=withheld[:WITHHELD_LISTED],
            withheld_total=len(withheld),
            candidates=candidates,
            artifact=snapshot.artifact.version,
            notes=notes,
        )


def _stored(event: Event, status: Literal["stored", "duplicate", "undone", "nothing_to_undo"]) -> FeedbackResult:
    return FeedbackResult(
        id=event.id,
        item_id=event.item_id,
        user_id=event.user_id,
        event=event.event.removeprefix("undo "),
        value=event.value,
        time=event.time,
        status=status,
    )


def _answered(snapshot: Snapshot, proposed: Sequence[int], answers: dict[str, FieldValue]) -> list[Constraint]:
    constraints = [
        constraint
        for field, value in answers.items()
        if (given := meant(value)) is not None
        for constraint in answer_constraints(snapshot, proposed, field, given)
    ]
    return filter_engine.check(snapshot.catalog, constraints)


def _settle(
    snapshot: Snapshot, proposed: Sequence[int], wanted: Sequence[Constraint], subject: Subject
) -> tuple[list[int], list[Withheld]]:
    """Split what was proposed into what may be shown, and what may not and why."""
    kept: list[int] = []
    withheld: list[Withheld] = []
    for position in proposed:
        breach = policy_breach(snapshot, position, subject)
        if breach is None and (unmet := filter_engine.unmet(snapshot.catalog, position, wanted)):
            breach = f"does not meet {in_words(unmet[0])}"
        if breach is None:
            kept.append(position)
        else:
            withheld.append(Withheld(id=snapshot.catalog.ids[position], reason=breach))
    return kept, withheld
