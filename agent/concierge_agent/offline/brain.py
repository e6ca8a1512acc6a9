"""The offline brain: plans by rules of English over the catalog's own vocabulary, writes plainly, and costs nothing.

What it does not know: anything that is not said with the catalog's words, amounts, comparison or taste; irony; several
requests in one turn. What it does not understand it names in its notes, or asks.
"""

from dataclasses import replace

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.ledger import Ledger
from concierge_agent.offline import lookups, planner, standing
from concierge_agent.offline.acts import asks_for_advice, hesitates, says_no, says_yes, wanted_count
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.clarifying import about_named_field, narrowing, off_topic
from concierge_agent.offline.extending import opens_alternative
from concierge_agent.offline.pending import open_answer, option_of, relaxed
from concierge_agent.offline.reading import Answered, Named, Reading, Stated
from concierge_agent.offline.refinement import corrected, last_bound, let_go, moved, only_a_number
from concierge_agent.offline.settling import compare, settle_wishes
from concierge_agent.offline.text import Token, tokenize
from concierge_agent.offline.understanding import understand
from concierge_agent.offline.valued import constraints
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import listing
from concierge_agent.plain_writer import PlainWriter
from concierge_agent.plan import Proposal
from concierge_agent.trace import Usage
from concierge_agent.values import FieldDescription, Question

_COMPLAINTS = frozenset({"not", "no", "hmm", "too", "meh", "nah", "without", "wrong", "bad", "boring", "never"})
_UNANSWERED = "I did not recognise that as an answer."


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
        self.changes = Changes(context.conversation.ledger, self.words)
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
        pending = self.context.conversation.pending
        found = await lookups.asked(self.context, self.words, self.tokens)
        if found is not None:
            return found
        if lookups.takes_item(self.tokens, len(self.context.conversation.last_items)):
            return planner.reply(planner.TAKEN)
        if pending is not None and self.tokens:
            answered = {"consent": self._consent, "relax": self._relax, "question": self._question}
            if pending.kind in answered:
                settled = await answered[pending.kind]()
                if settled is not None:
                    return settled
        return await self._from(await self._read())

    async def _read(self) -> Reading:
        """Read the turn in the light of what stands: corrections, alternatives, and numbers for the last bound."""
        ledger, text = self.context.conversation.ledger, self.context.text.strip()
        rest = corrected(text)
        if rest is not None:
            reading = await understand(replace(self.context, text=rest), self.words)
            reading.correcting = True
            return reading
        self.changes.extending = opens_alternative(self.tokens)
        bound = last_bound(ledger, self.words) if only_a_number(self.tokens) else None
        again = moved(bound, self.tokens, text) if bound is not None else None
        if again is not None:
            return Reading(text, stated=again)
        reading = await understand(self.context, self.words, bound.field if bound is not None else None)
        if not (reading.stated or reading.items or reading.compared):
            let_go(ledger, self.tokens, reading)
        reading.requested = reading.requested or asks_for_advice(self.tokens)
        if reading.count is None:
            reading.count = wanted_count(self.tokens)
        return reading

    async def _consent(self) -> Proposal | None:
        pending = self.context.conversation.pending
        if pending is None:
            return None
        reading = await understand(self.context, self.words)
        ruled = {rule.field for rule in pending.rules}
        other = [stated for stated in reading.stated if stated.constraint.field not in ruled]
        agreed = says_yes(self.tokens) or any(name in ruled for name, _ in reading.allowed_values)
        if agreed and not (other or reading.compared or reading.likes or reading.dislikes or reading.seeds):
            self.changes.consent(pending.confirmation or "", self.context.text.strip())
            return Proposal(intent="feedback", changes=self.changes.changes)
        if not says_no(self.tokens):
            undecided = hesitates(self.tokens)
            return planner.reply('Say "yes" if I may show it, or "no" if not.') if undecided else None
        plainly = not reading.substantial and reading.act is None and not reading.requested
        if plainly and pending.rules:
            reading.stated += [Stated(rule, self.context.text.strip()) for rule in pending.rules]
        else:
            reading.waved_away += [Named(i, i, self.context.text) for i in pending.item_ids]
        return await self._from(reading, substantial=True)

    async def _relax(self) -> Proposal | None:
        pending = self.context.conversation.pending
        found = relaxed(pending, self.tokens, self.words) if pending is not None else None
        if found is None:
            return None
        if found.pool:
            self.afresh = True
            ledger = self.context.conversation.ledger
            self.changes.unwish(entry.text for entry in ledger.active("wish"))
        if not found.drop and not found.pool:
            return planner.reply("All right, I keep every condition. Tell me if you would like something else.")
        self.changes.drop(found.drop)
        return await self._from(Reading(self.context.text), substantial=True)

    async def _question(self) -> Proposal | None:
        pending = self.context.conversation.pending
        name = pending.question.field if pending is not None else None
        field = self.words.catalog.field(name) if name is not None else None
        if pending is None or name is None:
            return None
        first = name in self.words.catalog.policy.ask_first
        opened = open_answer(self.tokens)
        if opened is not None:
            if first:
                self.changes.no_preference(name, self.context.text.strip())
            rest = self.context.text.strip()[self.tokens[opened].start :] if opened < len(self.tokens) else ""
            reading = await understand(replace(self.context, text=rest), self.words) if rest else Reading("")
            return await self._from(reading, substantial=True)
        chosen = option_of(pending, self.tokens)
        if chosen is not None and (field is None or field.type not in ("number", "date")):
            reading = Reading(self.context.text)
            self._choose(reading, field, name, chosen, first=first)
            return await self._from(reading, substantial=True)
        reading = await understand(self.context, self.words, field)
        if reading.substantial or reading.act is not None or reading.unclear:
            return await self._from(reading)
        return Proposal(intent="general", question=self._again(pending.question), notes=(*reading.notes, _UNANSWERED))

    def _again(self, question: Question) -> Question:
        """Return a question that was not answered, with its ways out in words."""
        turns = self.context.conversation.turns
        if not turns or _UNANSWERED not in turns[-1].reply:
            aid = 'You can also say "no preference".'
        else:
            named = [str(option.value) for option in question.options[:3]]
            aid = f"Say one of them, such as {listing(named, 'or')}, or " if named else "Say "
            aid += '"no preference", and I will go on without it.'
        text = question.text if aid in question.text else f"{question.text} {aid}"
        return question.model_copy(update={"text": text})

    def _choose(self, reading: Reading, field: FieldDescription | None, name: str, chosen: str, *, first: bool) -> None:
        text = self.context.text.strip()
        if first or field is None:
            reading.answered.append(Answered(name, (chosen,), text))
        elif field.type == "boolean":
            yes = chosen.lower() in ("true", "yes")
            made = constraints(field, [chosen], negated=False, any_of=False)[0].model_copy(
                update={"op": "==", "value": yes}
            )
            reading.stated.append(Stated(made, text))
        else:
            reading.stated.extend(Stated(c, text) for c in constraints(field, [chosen], negated=False, any_of=False))

    async def _from(self, reading: Reading, *, substantial: bool = False) -> Proposal:
        """Turn a reading into a proposal."""
        if reading.act == "reset":
            self.changes.clear()
            said = "All right, I forgot everything. What are you looking for?"
            if self.changes.standing:
                said = "All right, I forgot everything but what holds for you in general. What are you looking for?"
            return planner.reply(said).model_copy(update={"changes": self.changes.changes})
        replies = {"greeting": planner.GREETING, "help": planner.HELP, "thanks": planner.THANKS, "bye": planner.THANKS}
        if reading.act in replies:
            return planner.reply(replies[reading.act])
        context, ledger = self.context, self.context.conversation.ledger
        if reading.act in ("why", "details", "availability", "history") and not reading.stated:
            plan = planner.lookup(reading, context, ledger, reading.items)
            if plan is None:
                return self._nothing_to_look_up(reading)
            intent = planner.intent(reading, context, self.changes)
            return Proposal(intent=intent, plan=plan, present=False, notes=self._new(reading.notes))
        await compare(context, self.words, reading)
        generic = await settle_wishes(context, reading)
        if off_topic(reading, self.tokens):
            return planner.reply(planner.BEYOND)
        self.changes.unwish(generic)
        if self.problems:
            planner.without_refused(reading, self.problems)
        if reading.unclear and not reading.stated and not reading.wishes:
            return planner.reply(" ".join(dict.fromkeys(reading.unclear)), notes=reading.notes)
        reading.notes += reading.unclear
        self._name_bare(reading)
        if (
            reading.named
            and reading.items == reading.named
            and not (reading.stated or reading.compared or reading.wishes)
        ):
            return lookups.details([n.item_id for n in reading.named], notes=self._new(reading.notes))
        asked = reading.act == "more" or reading.requested or reading.count is not None
        if not (substantial or reading.substantial or asked):
            return await self._unclear(reading)
        self.changes.read(reading)
        if standing.for_good(context.text):
            self.changes.for_good()
        number = len(context.conversation.turns) + 1
        after: Ledger = ledger.apply(self.changes.changes, turn=number)
        if reading.wishes and not reading.seeds and not await planner.found(context, after, reading):
            told = " ".join(reading.wishes)
            reading.notes.append(f"Nothing that meets the rest mentions {told!r}, so I left those words aside.")
            self.changes.unwish(reading.wishes)
            after = ledger.apply(self.changes.changes, turn=number)
        plan = await planner.retrieval(context, after, reading, afresh=self.afresh)
        return Proposal(
            intent=planner.intent(reading, context, self.changes),
            changes=self.changes.changes,
            plan=plan,
            notes=self._new([*reading.notes, *self.changes.notes]),
        )

    def _name_bare(self, reading: Reading) -> None:
        """Let a title that is only named stand for "something like it"."""
        others = reading.seeds or reading.likes or reading.dislikes or reading.waved_away
        titles = [n for n in reading.named if n.by_title]
        if titles and not others:
            reading.seeds = titles
            told = ", ".join(repr(n.title) for n in titles)
            reading.notes.append(f"You named {told}, so I looked for what is like it.")

    def _nothing_to_look_up(self, reading: Reading) -> Proposal:
        if reading.act == "history":
            return planner.reply("I do not know who you are here, so I have no history of yours to show.")
        return planner.reply("I have not shown you anything yet. What are you looking for?", notes=reading.notes)

    async def _unclear(self, reading: Reading) -> Proposal:
        """Answer what was not understood: ask about the field it names, else show something else after a complaint."""
        if says_yes(self.tokens):
            return planner.reply(planner.GO_ON, notes=reading.notes)
        turns = self.context.conversation.turns
        complains = says_no(self.tokens) or any(token.text in _COMPLAINTS for token in self.tokens)
        question = about_named_field(self.tokens, self.words)
        if question is not None:
            return Proposal(intent="general", question=question, notes=self._new(reading.notes))
        if complains and turns and turns[-1].items:
            reading.waved_away = [Named(item.id, item.title, reading.text) for item in turns[-1].items]
            reading.notes.append("I did not understand all of that, so here is something else.")
            plan = await planner.retrieval(self.context, self.context.conversation.ledger, reading)
            return Proposal(intent="feedback", plan=plan, notes=self._new(reading.notes))
        question = await narrowing(self.context, self.tokens)
        if question is None:
            return planner.reply(planner.UNCLEAR, notes=reading.notes)
        notes = self._new([*reading.notes, "I did not understand that."])
        return Proposal(intent="general", question=question, notes=notes)

    def _new(self, notes: list[str]) -> tuple[str, ...]:
        """Return the notes that no earlier reply of the conversation gave."""
        told = [turn.reply for turn in self.context.conversation.turns]
        return tuple(dict.fromkeys(n for n in notes if n.strip() and not any(n in reply for reply in told)))
