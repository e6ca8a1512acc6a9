"""What a turn answers to what the user was asked: consent, what to leave out, a field, whether older ones hold."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Pending
from concierge_agent.offline import planner, renewal
from concierge_agent.offline.acts import decision, hesitates
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.clarifying import UNANSWERED, again, tells_of_oneself
from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.moves import agrees, is_courtesy, refuses
from concierge_agent.offline.moves import hesitates as only_hesitates
from concierge_agent.offline.pending import Relaxed, choose, open_answer, option_of, relaxed
from concierge_agent.offline.reading import Named, Reading, Stated
from concierge_agent.offline.text import Token
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.plan import Proposal
from concierge_agent.values import FieldDescription


@dataclass(frozen=True, slots=True)
class Settled:
    """What an answer comes to: a reading to go on from."""

    reading: Reading
    substantial: bool = True
    """Whether it answers, even where the reading itself says nothing."""
    afresh: bool = False
    """Whether the likeness of earlier turns no longer counts."""


class Answering:
    """A turn as an answer to what waits for one. Conditions it lets go are taken back in `changes`."""

    def __init__(
        self,
        context: TurnContext,
        pending: Pending,
        tokens: list[Token],
        words: Vocabulary,
        changes: Changes,
        read: Callable[[FieldDescription | None], Awaitable[Reading]],
    ) -> None:
        """Hold the turn; `read` reads it as any other, given the field that was asked about."""
        self.context, self.pending, self.tokens, self.words, self.changes = context, pending, tokens, words, changes
        self.text = context.text.strip()
        self.read = read

    async def answer(self) -> Proposal | Settled | None:
        """Return what the turn answers: a proposal that says all, a reading to go on from, None for no answer."""
        match self.pending.kind:
            case "consent":
                return await self._consent()
            case "relax":
                return await self._relax()
            case "question" | "offer":
                return await self._question()
        return None

    async def _consent(self) -> Proposal | Settled | None:
        pending = self.pending
        reading = await understand(self.context, self.words) if self._more() else Reading(self.text)
        ruled = {rule.field for rule in pending.rules}
        other = [stated for stated in reading.stated if stated.constraint.field not in ruled]
        said = decision(self.tokens)
        agreed = said == "yes" or any(name in ruled for name, _ in reading.allowed_values)
        if agreed and not (other or reading.compared or reading.likes or reading.dislikes or reading.seeds):
            self.changes.consent(pending.confirmation or "", self.text)
            return Proposal(intent="feedback", changes=self.changes.changes)
        if said != "no":
            undecided = hesitates(self.tokens)
            return planner.reply('Say "yes" if I may show it, or "no" if not.') if undecided else None
        plainly = not (reading.substantial or reading.requested) and reading.act in (None, "more")
        if plainly and pending.rules:
            reading.stated += [Stated(rule, self.text) for rule in pending.rules]
            reading.dropped_values += self.changes.answers_barred(pending.rules)
        else:
            reading.waved_away += [Named(i, i, self.context.text) for i in pending.item_ids]
        return Settled(reading)

    async def _relax(self) -> Proposal | Settled | None:
        found = relaxed(self.pending, self.tokens, self.words)
        if found is None:
            return None
        said = await self._besides(found)
        if said is None:
            return None
        if found.pool:
            self.changes.unwish(entry.text for entry in self.context.conversation.ledger.active("wish"))
        if not found.drop and not found.pool:
            return planner.reply("All right, I keep every condition. Tell me if you would like something else.")
        self.changes.drop(found.drop)
        return Settled(said, afresh=found.pool)

    async def _besides(self, found: Relaxed) -> Reading | None:
        """Read what a turn says besides which condition it lets go; None when it is no answer but a new request."""
        said = Reading(self.context.text)
        if not self._more() or not (found.drop or found.pool):
            return said
        reading = await understand(self.context, self.words)
        gone = {constraint.field for constraint in found.drop}
        said.stated = [s for s in reading.stated if s.constraint.field not in gone]
        said.answered = [a for a in reading.answered if a.field not in gone]
        said.likes, said.dislikes, said.seeds, said.compared = (
            reading.likes,
            reading.dislikes,
            reading.seeds,
            [c for c in reading.compared if c.field not in gone],
        )
        if not (said.stated or said.answered or said.seeds or said.compared or reading.wishes):
            return said
        said.notes = reading.notes
        consents = any(agrees(c.words) for c in clauses(self.tokens)) or found.named
        return said if consents else None

    async def _whether_still(self) -> Proposal | Settled | None:
        """Read the answer to whether older conditions still hold; None when the turn is about something else."""
        said = decision(self.tokens)
        if said is None:
            return None
        reading = await understand(self.context, self.words) if self._more(refuses) else Reading(self.context.text)
        if said == "no":
            stated = [s.constraint for s in reading.stated]
            older = renewal.asked_about(self.context.conversation, self.pending)
            self.changes.drop(c for c in older if c not in stated)
        return Settled(reading)

    async def _question(self) -> Proposal | Settled | None:
        pending, name = self.pending, self.pending.question.field
        if renewal.asks_whether_still(pending):
            return await self._whether_still()
        if name is None:
            return None
        field = self.words.catalog.field(name)
        first = name in self.words.catalog.policy.ask_first
        opened = open_answer(self.tokens)
        if opened is not None:
            if first:
                self.changes.no_preference(name, self.text)
            rest = self.text[self.tokens[opened[0].start].start :] if opened else ""
            reading = await understand(replace(self.context, text=rest), self.words) if rest else Reading("")
            return Settled(reading)
        said = self.text.casefold()
        offered = next((o for o in pending.question.options if str(o.value).casefold() == said), None)
        if offered is not None and offered.filters and not first:
            reading = Reading(self.context.text, stated=[Stated(c, said) for c in offered.filters])
            return Settled(reading)
        chosen = option_of(pending, self.tokens)
        if chosen is not None and (field is None or field.type not in ("number", "date")):
            reading = Reading(self.context.text)
            choose(reading, field, name, chosen, first=first)
            return Settled(reading)
        reading = await self.read(field)
        if reading.substantial or reading.act is not None or reading.unclear:
            return Settled(reading, substantial=False)
        if pending.kind == "offer":
            return None
        notes = tuple(reading.notes) if tells_of_oneself(self.tokens) else (*reading.notes, UNANSWERED)
        return Proposal(intent="general", question=again(pending.question, self.context), notes=notes, certain=False)

    def _more(self, *also: Callable[[str], bool]) -> bool:
        """Whether a clause does more than agree, be courteous, hesitate or what `also` tells."""
        moves = (agrees, is_courtesy, only_hesitates, *also)
        return any(not any(move(c.words) for move in moves) for c in clauses(self.tokens))
