"""A user that plays a task by its reveal tags, in words drawn from the frozen wordings.

- `volunteer` conditions are said first. `on_ask` ones are said when the agent asks about their field. `hidden` ones are
  never offered: asked about one, the user wants to see something first.
- An item that breaks any condition is refused. The first refusal over a condition that was not told names its
  direction ("a bit long for me"); the second states it in full, and so does an answer once the user has stumbled over
  it. What was told before is told again. A kind of item is always named: there is no vaguer way to want it.
- `first_refusal` conditions (a persona's dislikes) are stated in full with the first refusal, whatever it is about.
- The services the user has are told when asked, like an `on_ask` condition that every item must meet.
- Consent is given when the conditions, told or not, leave room for what needs it.
- Told that nothing fits, the user insists once, repeating what was told, and leaves the second time in a row.
- Wishes that decide nothing may be mentioned in the opening.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from concierge_server.evaluation.predicates import Item, Predicate, holds
from concierge_server.evaluation.spoken import capital
from concierge_server.evaluation.user import Act, Remark, Turn, asks_consent
from concierge_server.evaluation.voice import Voice
from concierge_server.evaluation.wordings import Wordings

Reveal = Literal["volunteer", "on_ask", "hidden", "first_refusal"]
MAX_REMARKS = 15
_PATIENCE = 6
_SOFT_SHARE = 0.35
_TWO_REASONS = 0.35
_FIRST_PERSON = {
    "prefers": "I prefer",
    "likes": "I like",
    "loves": "I love",
    "wants": "I want",
    "hates": "I hate",
    "enjoys": "I enjoy",
    "dislikes": "I dislike",
    "needs": "I need",
    "watching": "I'm watching",
    "looking": "I'm looking",
}


@dataclass(frozen=True, slots=True)
class Script:
    """What the user wants and knows."""

    conditions: tuple[tuple[Predicate, Reveal], ...]
    services_field: str | None = None
    services: tuple[str, ...] = ()
    """What the user has; empty means that there is no preference."""
    watched: frozenset[str] = frozenset()
    soft: tuple[str, ...] = ()
    """Wishes in the third person, such as "likes long walks"."""


@dataclass(slots=True)
class _Wish:
    predicate: Predicate
    reveal: Reveal
    own: bool = False
    """Whether it is about the services the user has."""
    told: bool = False
    stumbled: bool = False


class ScriptedUser:
    """Plays one task once."""

    def __init__(
        self,
        script: Script,
        *,
        items: Mapping[str, Item],
        consent_to: Iterable[Predicate],
        wordings: Wordings,
        rng: random.Random,
        typos: float = 0.0,
        max_remarks: int = MAX_REMARKS,
    ) -> None:
        self._script = script
        self._items = items
        self._consent_to = tuple(consent_to)
        self._voice = Voice(wordings, items=items.values(), rng=rng, typos=typos)
        self._words = wordings
        self._rng = rng
        self._max_remarks = max_remarks
        self._remarks = 0
        self._refused: set[str] = set()
        self._abstentions = 0
        self._wishes = [_Wish(predicate, reveal) for predicate, reveal in script.conditions]
        if script.services_field is not None and script.services:
            has = Predicate(field=script.services_field, op="contains_any", value=script.services)
            self._wishes.append(_Wish(has, "on_ask", own=True))

    async def opening(self) -> Remark:
        """Return the first request, with what the user volunteers."""
        volunteered = [wish for wish in self._wishes if wish.reveal == "volunteer"]
        text = self._voice.request([wish.predicate for wish in volunteered])
        if (soft := self._soft()) is not None:
            text = f"{text} {soft}"
        return self._say(text, told=volunteered, opening=True)

    async def reply(self, turn: Turn) -> Remark | None:
        """Return what is said to a turn, or None to leave."""
        if self._remarks >= self._max_remarks:
            return None
        self._abstentions = self._abstentions + 1 if turn.get("abstained") else 0
        items = turn.get("items") or []
        if len(items) > 1:
            return self._say(self._voice.pick(self._words.one_at_a_time))
        if items:
            return self._judge(str(items[0]["id"]))
        if asks_consent(turn):
            return self._consent()
        if self._abstentions:
            return self._insist() if self._abstentions == 1 else None
        if fields := self._asked(turn):
            return self._answer(fields)
        return self._nudge()

    def _judge(self, item_id: str) -> Remark:
        item = self._items.get(item_id)
        if item is None or item_id in self._script.watched:
            reasons, told = [self._voice.pick(self._words.watched)], list[_Wish]()
        else:
            broken = [wish for wish in self._wishes if not holds(item, wish.predicate)]
            if not broken:
                return self._say(self._voice.pick(self._words.accept), act="accept")
            reasons, told = self._reasons(broken, item)
        seen = item_id in self._refused
        self._refused.add(item_id)
        terse = self._voice.register == "terse"
        before = self._voice.pick(self._words.again if seen else self._words.refuse) if seen or not terse else ""
        after = "" if terse else self._voice.pick(self._words.refuse_after)
        text = " ".join(part for part in (before, self._voice.joined(reasons), after) if part)
        return self._say(text, told=told, impatient=self._remarks >= _PATIENCE)

    def _reasons(self, broken: Sequence[_Wish], item: Item) -> tuple[list[str], list[_Wish]]:
        many = len(broken) > 1 and self._rng.random() < _TWO_REASONS
        named = self._rng.sample(list(broken), 2 if many else 1)
        named += [w for w in self._wishes if w.reveal == "first_refusal" and not w.told and w not in named]
        reasons, told = [], []
        for wish in named:
            text, full = self._reason(wish, item)
            reasons.append(text)
            wish.stumbled = True
            if full:
                told.append(wish)
        return reasons, told

    def _reason(self, wish: _Wish, item: Item) -> tuple[str, bool]:
        """Return why an item is refused, and whether that states the condition in full."""
        if wish.told and self._rng.random() < 0.5:
            return self._voice.pick(self._words.remind).format(said=self._restated(wish)), True
        full = wish.told or wish.stumbled or wish.reveal == "first_refusal"
        if wish.own:
            field, services = wish.predicate.field, self._script.services
            return self._voice.own(field, "own_exact" if full else "own_refuse", services), full
        return self._voice.put(wish.predicate, "exact" if full else "vague", shown=item)

    def _consent(self) -> Remark:
        closed = [rule for rule in self._consent_to if not self._open_to(rule)]
        if not closed:
            return self._say(self._voice.pick(self._words.grant), act="grant")
        text = self._voice.pick(self._words.decline)
        fields = {rule.field for rule in closed}
        known = [w for w in self._wishes if w.predicate.field in fields and (w.told or w.reveal == "on_ask")]
        if known and self._rng.random() < 0.5:
            text = self._voice.joined(["No.", *(self._voice.put(w.predicate, "answer")[0] for w in known)])
            return self._say(text, act="decline", told=known)
        return self._say(text, act="decline")

    def _open_to(self, rule: Predicate) -> bool:
        """Return whether the user's conditions leave room for anything that needs this consent."""
        own = [wish.predicate for wish in self._wishes if wish.predicate.field == rule.field]
        return any(all(holds({rule.field: value}, p) for p in own) for value in rule.values)

    def _insist(self) -> Remark:
        said = self._all_told()
        return self._say(self._voice.pick(self._words.insist).format(said=said).strip())

    def _nudge(self) -> Remark:
        said = self._all_told()
        if said and self._rng.random() < 0.5:
            return self._say(self._voice.pick(self._words.remind).format(said=said))
        return self._say(self._voice.pick(self._words.nudge))

    def _all_told(self) -> str:
        return " ".join(capital(self._restated(wish)) for wish in self._wishes if wish.told)

    def _restated(self, wish: _Wish) -> str:
        if wish.own:
            return self._voice.own(wish.predicate.field, "own_exact", self._script.services)
        return self._voice.put(wish.predicate, "sentence")[0]

    def _asked(self, turn: Turn) -> list[str]:
        """Return the fields a turn asks about: the one its question names, else those its questions speak of."""
        question = turn.get("question")
        if question and question.get("field"):
            return [str(question["field"])]
        asked = " ".join(re.findall(r"[^.!?\n]*\?", str(turn.get("reply", "")))).casefold()
        return [name for name, words in self._words.fields.items() if any(word in asked for word in words.asked_by)]

    def _answer(self, fields: Sequence[str]) -> Remark:
        sentences: list[str] = []
        told: list[_Wish] = []
        for field in fields:
            wishes = [wish for wish in self._wishes if wish.predicate.field == field]
            open_ = [w for w in wishes if w.told or w.stumbled or w.reveal in ("volunteer", "on_ask")]
            if field == self._script.services_field and any(wish.own for wish in open_):
                sentences.append(self._services(open_))
            elif open_:
                sentences += [self._voice.put(wish.predicate, "answer")[0] for wish in open_]
            else:
                hidden = any(wish.reveal == "hidden" for wish in wishes)
                sentences.append(self._voice.pick(self._words.evasive if hidden else self._words.no_preference))
            told += open_
        return self._say(self._voice.joined(sentences), told=told)

    def _services(self, wishes: Sequence[_Wish]) -> str:
        """Return what the user has, or, where only a part of it is wanted, that part or both."""
        mine, field = self._script.services, wishes[0].predicate.field
        wanted = [w.predicate for w in wishes if not w.own]
        usable = [s for s in mine if all(s in p.values for p in wanted)]
        if not usable or len(usable) == len(mine):
            return self._voice.own(field, "own", mine)
        if self._rng.random() < 0.25:
            return self._voice.own_but(field, mine, usable)
        return self._voice.put(Predicate(field=field, op="contains_any", value=tuple(usable)), "answer")[0]

    def _soft(self) -> str | None:
        """Return one of the wishes that decide nothing, in the first person, now and then."""
        usable = [w for w in self._script.soft if w.split(" ")[0] in _FIRST_PERSON and "won't" not in w]
        if not usable or self._rng.random() >= _SOFT_SHARE:
            return None
        verb, _, rest = self._rng.choice(usable).partition(" ")
        return self._voice.pick(self._words.soft).format(wish=f"{_FIRST_PERSON[verb]} {rest}")

    def _say(
        self,
        text: str,
        *,
        act: Act = "say",
        told: Iterable[_Wish] = (),
        opening: bool = False,
        impatient: bool = False,
    ) -> Remark:
        self._remarks += 1
        stated = list(told)
        for wish in stated:
            wish.told = True
        finished = self._voice.finish(text, opening=opening, impatient=impatient)
        return Remark(text=finished, act=act, told=tuple(wish.predicate for wish in stated))
