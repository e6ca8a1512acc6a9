"""The offline brain: plans by rules of English over the catalog's own vocabulary, writes plainly, and costs nothing.

What it does not know: anything that is not said with the catalog's words, amounts, comparison or taste; irony; several
requests in one turn. What it does not understand it names in its notes, or asks.
"""

from dataclasses import replace

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.conversation import Pending
from concierge_agent.ledger import Ledger
from concierge_agent.offline import accepting, asides, had, lookups, picking, planner, renewal, standing
from concierge_agent.offline.acts import decision, hesitates, only_counts, wanted_count
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.clarifying import UNANSWERED, again, off_topic, tells_of_oneself
from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.experiences import experienced
from concierge_agent.offline.extending import opens_alternative
from concierge_agent.offline.missed import name_bare, unclear
from concierge_agent.offline.moves import agrees, is_courtesy, refuses
from concierge_agent.offline.moves import hesitates as only_hesitates
from concierge_agent.offline.pending import Relaxed, choose, open_answer, option_of, relaxed
from concierge_agent.offline.reading import Named, Reading, Stated
from concierge_agent.offline.refinement import corrected
from concierge_agent.offline.repairs import plain, repair
from concierge_agent.offline.settling import check_complaints, compare, settle_wishes
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.offline.topics import is_for_others, shift
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.own_words import for_good
from concierge_agent.phrases import listing, phrases
from concierge_agent.plain_writer import PlainWriter
from concierge_agent.plan import Proposal
from concierge_agent.trace import Usage


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
        taken = accepting.taken(self.context, self.tokens)
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
            asked = self._question
            answered = {"consent": self._consent, "relax": self._relax, "question": asked, "offer": asked}
            if pending.kind in answered:
                settled = await answered[pending.kind]()
                if settled is not None:
                    return settled
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
        told = phrases([e.constraint for e in gone if e.constraint is not None], self.context.catalog)
        told += [f'"{e.text}"' for e in gone if e.kind == "wish"]
        if told:
            self.changes.notes.append(f"I set aside what you asked for before: {listing(told)}.")
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

    async def _read(self) -> Reading:
        """Read the turn in the light of what stands: corrections, alternatives, and numbers for the last bound."""
        if picking.leaves_it_to_me(self.tokens):
            return Reading(self.context.text.strip(), requested=True)
        told = await experienced(self.context, self.words, self.tokens)
        if told is not None:
            return told
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
        return await plain(self.context, self.words, self.tokens)

    async def _consent(self) -> Proposal | None:
        pending = self.context.conversation.pending
        if pending is None:
            return None
        more = [
            c for c in clauses(self.tokens) if not (agrees(c.words) or is_courtesy(c.words) or only_hesitates(c.words))
        ]
        reading = await understand(self.context, self.words) if more else Reading(self.context.text.strip())
        ruled = {rule.field for rule in pending.rules}
        other = [stated for stated in reading.stated if stated.constraint.field not in ruled]
        said = decision(self.tokens)
        agreed = said == "yes" or any(name in ruled for name, _ in reading.allowed_values)
        if agreed and not (other or reading.compared or reading.likes or reading.dislikes or reading.seeds):
            self.changes.consent(pending.confirmation or "", self.context.text.strip())
            return Proposal(intent="feedback", changes=self.changes.changes)
        if said != "no":
            undecided = hesitates(self.tokens)
            return planner.reply('Say "yes" if I may show it, or "no" if not.') if undecided else None
        plainly = not (reading.substantial or reading.requested) and reading.act in (None, "more")
        if plainly and pending.rules:
            reading.stated += [Stated(rule, self.context.text.strip()) for rule in pending.rules]
            reading.dropped_values += self.changes.answers_barred(pending.rules)
        else:
            reading.waved_away += [Named(i, i, self.context.text) for i in pending.item_ids]
        return await self._from(reading, substantial=True)

    async def _relax(self) -> Proposal | None:
        pending = self.context.conversation.pending
        found = relaxed(pending, self.tokens, self.words) if pending is not None else None
        if found is None:
            return None
        said = await self._besides(found)
        if said is None:
            return None
        if found.pool:
            self.afresh = True
            self.changes.unwish(entry.text for entry in self.context.conversation.ledger.active("wish"))
        if not found.drop and not found.pool:
            return planner.reply("All right, I keep every condition. Tell me if you would like something else.")
        self.changes.drop(found.drop)
        return await self._from(said, substantial=True)

    async def _besides(self, found: Relaxed) -> Reading | None:
        """Read what a turn says besides which condition it lets go; None when it is no answer but a new request."""
        every = clauses(self.tokens)
        plain = [c for c in every if agrees(c.words) or is_courtesy(c.words) or only_hesitates(c.words)]
        said = Reading(self.context.text)
        if len(plain) == len(every) or not (found.drop or found.pool):
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
        consents = any(agrees(c.words) for c in every) or found.named
        return said if consents else None

    async def _whether_still(self, pending: Pending) -> Proposal | None:
        """Read the answer to whether older conditions still hold; None when the turn is about something else."""
        said = decision(self.tokens)
        if said is None:
            return None
        moves = (agrees, is_courtesy, only_hesitates, refuses)
        more = [c for c in clauses(self.tokens) if not any(move(c.words) for move in moves)]
        reading = await understand(self.context, self.words) if more else Reading(self.context.text)
        if said == "no":
            stated = [s.constraint for s in reading.stated]
            older = renewal.asked_about(self.context.conversation, pending)
            self.changes.drop(c for c in older if c not in stated)
        return await self._from(reading, substantial=True)

    async def _question(self) -> Proposal | None:
        pending = self.context.conversation.pending
        name = pending.question.field if pending is not None else None
        field = self.words.catalog.field(name) if name is not None else None
        if pending is not None and renewal.asks_whether_still(pending):
            return await self._whether_still(pending)
        if pending is None or name is None:
            return None
        first = name in self.words.catalog.policy.ask_first
        opened = open_answer(self.tokens)
        if opened is not None:
            if first:
                self.changes.no_preference(name, self.context.text.strip())
            rest = self.context.text.strip()[self.tokens[opened[0].start].start :] if opened else ""
            reading = await understand(replace(self.context, text=rest), self.words) if rest else Reading("")
            return await self._from(reading, substantial=True)
        said = self.context.text.strip().casefold()
        offered = next((o for o in pending.question.options if str(o.value).casefold() == said), None)
        if offered is not None and offered.filters and not first:
            reading = Reading(self.context.text, stated=[Stated(c, said) for c in offered.filters])
            return await self._from(reading, substantial=True)
        chosen = option_of(pending, self.tokens)
        if chosen is not None and (field is None or field.type not in ("number", "date")):
            reading = Reading(self.context.text)
            choose(reading, field, name, chosen, first=first)
            return await self._from(reading, substantial=True)
        reading = await understand(self.context, self.words, field)
        if reading.substantial or reading.act is not None or reading.unclear:
            return await self._from(reading)
        if pending.kind == "offer":
            return None
        notes = tuple(reading.notes) if tells_of_oneself(self.tokens) else (*reading.notes, UNANSWERED)
        return Proposal(intent="general", question=again(pending.question, self.context), notes=notes, certain=False)

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
            told = " ".join(reading.wishes)
            reading.doubt(f"Nothing that meets the rest mentions {told!r}, so I left those words aside.")
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
