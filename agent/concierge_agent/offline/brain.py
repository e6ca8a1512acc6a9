"""The offline brain: plans by rules of English over the catalog's own vocabulary, writes plainly, and costs nothing.

What it does not know: anything that is not said with the catalog's words, amounts, comparison or taste; irony; several
requests in one turn. What it does not understand it names in its notes, or asks.
"""

from dataclasses import replace

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.ledger import Ledger
from concierge_agent.offline import accepting, asides, had, lookups, picking, planner, renewal, standing
from concierge_agent.offline.acts import only_counts, wanted_count
from concierge_agent.offline.answering import Answering
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.clarifying import off_topic
from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.experiences import experienced
from concierge_agent.offline.extending import opens_alternative
from concierge_agent.offline.missed import name_bare, unclear
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.refinement import corrected
from concierge_agent.offline.repairs import plain, repair
from concierge_agent.offline.settling import check_complaints, compare, settle_wishes
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.offline.topics import is_for_others, shift
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vanished import told, vanished
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.offline.why_not import why_this
from concierge_agent.own_words import for_good
from concierge_agent.phrases import listing, phrases
from concierge_agent.plain_writer import PlainWriter
from concierge_agent.plan import Proposal
from concierge_agent.trace import Usage
from concierge_agent.values import FieldDescription


class OfflineBrain:
    """A planner and writer without a model."""

    name = "offline"

    def __init__(self) -> None:
        self._writer = PlainWriter()

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        """Propose what the turn means and what to run; constraints that `problems` name are left aside."""
        return await _Turn(context, problems).proposal()

    async def write(self, material: Material) -> Draft:
        """Draft an answer in plain sentences."""
        return await self._writer.write(material)

    def take_usage(self) -> Usage:
        """Return no usage: nothing is spent."""
        return Usage()


class _Turn:
    """One turn on its way from text to proposal."""

    def __init__(self, context: TurnContext, problems: tuple[str, ...]) -> None:
        self.context, self.problems = context, problems
        self.words = Vocabulary(context.catalog)
        self.tokens: list[Token] = tokenize(context.text.strip())
        self.ledger = context.conversation.ledger
        """As it stands before the turn; the context's own leaves out what a change of topic set aside."""
        self.changes = Changes(self.ledger, self.words)
        self.afresh = False
        """Whether the likeness of earlier turns no longer counts."""

    async def proposal(self) -> Proposal:
        gone = await vanished(self.context) if self.problems else []
        if not gone:
            return await self._proposed()
        self.changes.retract(gone)
        back = self.changes.changes
        conversation = self.context.conversation
        without = self.ledger.apply(back, turn=len(conversation.turns) + 1)
        before, self.problems = self.context, ()
        self.context = replace(self.context, conversation=conversation.model_copy(update={"ledger": without}))
        proposal = await self._proposed()
        changes = (*(change for change in back if change not in proposal.changes), *proposal.changes)
        return proposal.model_copy(update={"changes": changes, "notes": (told(before, gone), *proposal.notes)})

    async def _proposed(self) -> Proposal:
        general = standing.take_apart(self.context.text)
        if not (general.kept or general.forgotten) or not await self._in_general(general):
            return await self._proposal()
        self.context = replace(self.context, text=general.rest)
        self.tokens = tokenize(general.rest)
        proposal = await (self._proposal() if general.rest else self._from(Reading(""), substantial=True))
        return proposal if proposal.changes else proposal.model_copy(update={"changes": self.changes.changes})

    async def _in_general(self, general: standing.General) -> bool:
        """Keep what the user says of themselves in general, or forget it; return whether anything was understood."""
        for clause in general.kept:
            reading = await understand(replace(self.context, text=clause), self.words)
            self.changes.read_standing(standing.generalised(reading, clause))
        for clause in general.forgotten:
            reading = await understand(replace(self.context, text=clause), self.words)
            self.changes.take_back_for_good(standing.meant(reading, self.changes.standing))
        return bool(self.changes.changes)

    async def _proposal(self) -> Proposal:
        taken = why_this(self.context, self.tokens) or accepting.taken(self.context, self.tokens)
        if taken is not None:
            return taken
        started = self._change_topic()
        if started is not None:
            return started
        pending = self.context.conversation.pending
        found = picking.settled(self.context, self.tokens, self.words)
        found = found or await lookups.asked(self.context, self.words, self.tokens)
        if found is not None:
            return found
        if pending is not None and self.tokens:
            answer = await Answering(self.context, pending, self.tokens, self.words, self.changes, self._read).answer()
            if isinstance(answer, Proposal):
                return answer
            if answer is not None:
                self.afresh = self.afresh or answer.afresh
                return await self._from(answer.reading, substantial=answer.substantial)
        return await self._from(await self._read())

    def _change_topic(self) -> Proposal | None:
        """Set aside what was asked for when the turn says that it is about something else; what follows is read on.

        Returns the reply when nothing follows.
        """
        changed = shift(clauses(self.tokens), self.tokens, self.words)
        if changed is None:
            return None
        if changed.kind == "everything":
            self.changes.clear()
            said = planner.FORGOTTEN_BUT_STANDING if self.changes.standing else planner.FORGOTTEN
            return planner.reply(said, changes=self.changes.changes)
        alone = changed.rest >= len(self.tokens)
        gone = self.changes.set_aside(answers=alone)
        if alone:
            return planner.reply(planner.SET_ASIDE, changes=self.changes.changes)
        before = phrases([e.constraint for e in gone if e.constraint is not None], self.context.catalog)
        before += [f'"{e.text}"' for e in gone if e.kind == "wish"]
        if before:
            self.changes.notes.append(f"I set aside what you asked for before: {listing(before)}.")
        self.afresh = True
        conversation = self.context.conversation
        without = self.ledger.apply(self.changes.changes, turn=len(conversation.turns) + 1)
        conversation = conversation.model_copy(update={"ledger": without, "pending": None})
        text = self.context.text.strip()[self.tokens[changed.rest].start :]
        self.context = replace(self.context, conversation=conversation)
        self._say(text)
        return None

    def _say(self, text: str) -> None:
        """Let `text` be what is left to be read of the turn."""
        if text != self.context.text:
            self.context = replace(self.context, text=text)
            self.tokens = tokenize(text)

    async def _read(self, expected: FieldDescription | None = None) -> Reading:
        """Read the turn in the light of what stands: corrections, alternatives, and numbers for the last bound.

        `expected` is the field that the user was just asked about.
        """
        if picking.leaves_it_to_me(self.tokens):
            return Reading(self.context.text.strip(), requested=True)
        taken = await experienced(self.context, self.words, self.tokens)
        if taken is not None:
            return taken
        mere = asides.mere(self.context, self.tokens, self.words)
        if mere is not None:
            return mere
        self._say(asides.refused(self.context.text) or self.context.text)
        either = await picking.first_alternative(self.context, self.words, self.tokens)
        if either is not None:
            self._say(either[0])
            self.changes.notes.append(either[1])
        rest = corrected(self.context.text.strip())
        self._say(asides.trimmed(self.context, self.tokens, self.words))
        repaired = await repair(self.context, self.words, rest)
        if repaired is not None:
            return repaired
        self.changes.extending = opens_alternative(self.tokens)
        if only_counts(self.tokens):
            return Reading(self.context.text.strip(), requested=True, count=wanted_count(self.tokens))
        return await plain(self.context, self.words, self.tokens, expected)

    async def _from(self, reading: Reading, *, substantial: bool = False) -> Proposal:
        """Turn a reading into a proposal."""
        if reading.act == "reset":
            self.changes.clear()
            said = planner.FORGOTTEN_BUT_STANDING if self.changes.standing else planner.FORGOTTEN
            return planner.reply(said, changes=self.changes.changes)
        replies = {"greeting": planner.GREETING, "help": planner.HELP, "thanks": planner.THANKS, "bye": planner.THANKS}
        if reading.act == "greeting" and (stands := self._stands()):
            return planner.reply(planner.GREETING_AGAIN.format(conditions=listing(stands)))
        if reading.act in replies:
            return planner.reply(replies[reading.act])
        context, ledger = self.context, self.ledger
        if reading.act in ("why", "details", "availability", "history") and not (reading.stated or reading.compared):
            if reading.act in ("details", "availability") and not reading.items:
                nothing_so_called = await lookups.unheard_of(context)
                if nothing_so_called is not None:
                    return nothing_so_called
            plan = planner.lookup(reading, context, ledger, reading.items)
            if plan is None:
                return planner.nothing_to_look_up(reading)
            intent = planner.intent(reading, context, self.changes)
            certain = not reading.doubtful
            return Proposal(intent=intent, plan=plan, present=False, notes=self._new(reading.notes), certain=certain)
        await check_complaints(context, reading)
        await compare(context, self.words, reading)
        unheard = await picking.not_known_here(context, reading, self.tokens)
        if unheard is not None:
            return planner.reply(f"Nothing here says anything of {unheard!r}.", certain=False)
        generic = await settle_wishes(context, reading)
        if off_topic(reading, self.tokens):
            return planner.reply(planner.BEYOND, certain=False)
        self.changes.unwish(generic)
        if self.problems:
            planner.without_refused(reading, self.problems)
        if reading.unclear and not reading.stated and not reading.wishes:
            return planner.reply(" ".join(dict.fromkeys(reading.unclear)), notes=reading.notes, certain=False)
        reading.notes += reading.unclear
        reading.doubtful = reading.doubtful or bool(reading.unclear)
        name_bare(reading)
        if (
            reading.named
            and reading.items == reading.named
            and not (reading.stated or reading.compared or reading.wishes)
        ):
            return lookups.details([n.item_id for n in reading.named], notes=self._new(reading.notes))
        asked = reading.act == "more" or reading.requested or reading.count is not None
        if not (substantial or reading.substantial or asked):
            missed = await unclear(context, self.words, self.tokens, reading)
            return missed.model_copy(update={"notes": self._new(list(missed.notes))})
        gone = renewal.outdated(reading, ledger, context.catalog)
        self.changes.retract(gone)
        if is_for_others(context.text):
            self.changes.retract(self.changes.standing)
        self.changes.read(reading)
        if gone:
            fallen = phrases([e.constraint for e in gone if e.constraint is not None], context.catalog)
            self.changes.notes.append(f"As you ask for another kind now, I set this aside: {listing(fallen)}.")
        if for_good(context.text):
            self.changes.for_good()
        number = len(context.conversation.turns) + 1
        after: Ledger = ledger.apply(self.changes.changes, turn=number)
        if reading.wishes and not reading.seeds and not await planner.found(context, after, reading):
            wished = " ".join(reading.wishes)
            reading.doubt(f"Nothing that meets the rest mentions {wished!r}, so I left those words aside.")
            self.changes.unwish(reading.wishes)
            after = ledger.apply(self.changes.changes, turn=number)
        older = await renewal.in_the_way(context, after, reading, self.tokens)
        if older:
            return Proposal(
                intent=planner.intent(reading, context, self.changes),
                changes=self.changes.changes,
                question=renewal.whether_still(older, context.catalog),
                notes=self._new([*reading.notes, *self.changes.notes]),
                certain=not reading.doubtful,
            )
        plan = await planner.retrieval(context, after, reading, afresh=self.afresh)
        if after.wish is not None and not planner.rests_on_words(plan):
            self.changes.unwish(entry.text for entry in after.active("wish"))
        plan, told_had = had.recorded(context, reading, plan)
        return Proposal(
            intent=planner.intent(reading, context, self.changes),
            changes=self.changes.changes,
            plan=plan,
            notes=self._new([*told_had, *reading.notes, *self.changes.notes]),
            certain=not reading.doubtful,
        )

    def _stands(self) -> list[str]:
        """Return what was asked for and still stands, in words; not what holds for the user in general."""
        general = [entry.constraint for entry in self.ledger.active("constraint") if entry.scope == "user"]
        stands = [c for c in conditions(self.ledger, self.context.catalog) if c not in general]
        return phrases(stands, self.context.catalog)

    def _new(self, notes: list[str]) -> tuple[str, ...]:
        """Return the notes that no earlier reply of the conversation gave."""
        told = [turn.reply for turn in self.context.conversation.turns]
        return tuple(dict.fromkeys(n for n in notes if n.strip() and not any(n in reply for reply in told)))
