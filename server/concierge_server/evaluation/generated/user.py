"""A generated user: wants what some item of the catalog has, or what none has, and says so bit by bit.

Some wishes are told at once and some later; some are refusals of what was shown; some are taken back, corrected or put
as a comparison with a shown item. In between the user chats, asks why, asks for more, likes and dislikes. Questions are
answered by the wishes, or with "no preference"; consent is given or declined by chance.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.speech import Speech
from concierge_server.evaluation.generated.wishes import Wish, Wishes, comparison, tightest
from concierge_server.evaluation.generated.wordings import NeutralWordings
from concierge_server.evaluation.predicates import Item, Predicate
from concierge_server.evaluation.user import asks_consent
from concierge_tools.data.fields import Field

Move = Literal[
    "open",
    "add",
    "refuse",
    "retract",
    "correct",
    "compare",
    "answer",
    "no_preference",
    "grant",
    "decline",
    "keep_all",
    "more",
    "why",
    "detail",
    "like",
    "dislike",
    "chatter",
]  # fmt: skip  (one name a line says no more)
ASIDES = ("why", "detail", "chatter")
"""Moves after which nothing has to be shown."""
_UNSATISFIABLE = 0.15
_TRIES = 40
_SILENT = 0.1


@dataclass(frozen=True, slots=True)
class Said:
    """What a user says in one turn."""

    text: str
    move: Move
    told: tuple[Predicate, ...]
    """Every condition that counts for the user from here on, by what was said so far."""
    new: tuple[Predicate, ...] = ()
    """The conditions that these words state or take back."""
    may: tuple[Predicate, ...] = ()
    """What a listener may read into the words so far as well: "A, not B" may rule B out."""


class GeneratedUser:
    """Plays one conversation; the same seed says the same to the same turns."""

    def __init__(self, oracle: Oracle, wordings: NeutralWordings, *, rng: random.Random, user_id: str | None) -> None:
        self._oracle = oracle
        self._rng = rng
        self._words = wordings
        self._wishes = Wishes(oracle, rng)
        self._speech = Speech(wordings, dict(oracle.fields), rng)
        self._allowed = oracle.allowed(user_id)
        self.satisfiable = rng.random() >= _UNSATISFIABLE
        self._target, self._untold = self._plan()
        self._told: list[Wish] = []
        self._may: tuple[Predicate, ...] = ()
        self._shown: list[str] = []
        self._left = rng.randrange(3, 8)

    def opening(self) -> Said:
        """Return what is said first."""
        first = [] if self._rng.random() < _SILENT else self._untold[: self._rng.choice((1, 1, 2, 2, 3))]
        self._untold = self._untold[len(first) :]
        self._told = list(first)
        return self._said(self._speech.request(first), "open", *first)

    def reply(self, turn: Mapping[str, Any]) -> Said | None:
        """Return what is said to the agent's turn, or None to leave."""
        self._left -= 1
        if self._left < 0:
            return None
        if turn["items"]:
            self._shown = [str(item["id"]) for item in turn["items"]]
        if asks_consent(turn):
            move: Move = self._rng.choice(("grant", "decline"))
            return self._said(self._speech.pick(getattr(self._words, move)), move)
        if turn["question"] is not None and turn["question"]["field"] is not None:
            return self._answer(str(turn["question"]["field"]))
        if (turn["abstained"] or turn["question"] is not None) and not self._possible(self._told):
            return self._give_way()
        return self._go_on()

    def _plan(self) -> tuple[Item, list[Wish]]:
        """Draw an item and wishes that are true of it; for an impossible conversation, one more that leaves nothing."""
        for _ in range(_TRIES):
            item = self._wishes.row()
            fields = self._rng.sample(self._wishes.fields, k=min(len(self._wishes.fields), self._rng.randrange(2, 5)))
            wishes = [w for f in fields if (w := self._wishes.about(item, f)) is not None]
            if not wishes or not self._possible(wishes):
                continue
            if self.satisfiable:
                return item, wishes
            for _ in range(_TRIES):
                field = self._rng.choice(self._wishes.fields)
                strange = self._wishes.about(self._wishes.row(), field)
                if strange and field.name not in {w.field for w in wishes} and not self._possible([*wishes, strange]):
                    return item, [*wishes[:-1], strange, wishes[-1]]
        self.satisfiable = True
        return item, wishes

    def _possible(self, wishes: list[Wish]) -> bool:
        return bool(self._oracle.fitting(p for w in wishes for p in w.predicates) & self._allowed)

    def _said(self, text: str, move: Move, *new: Wish) -> Said:
        told = tuple(p for wish in self._told for p in wish.predicates)
        return Said(text, move, told, tuple(p for wish in new for p in wish.predicates), self._may)

    def _answer(self, field_name: str) -> Said:
        wish = next((w for w in self._untold if w.field == field_name), None)
        told = next((w for w in self._told if w.field == field_name), None)
        if wish is not None:
            self._untold.remove(wish)
            self._told.append(wish)
        if (known := wish or told) is not None:
            return self._said(self._speech.answer(known), "answer", known)
        return self._said(self._speech.pick(self._words.no_preference), "no_preference")

    def _give_way(self) -> Said:
        """Take back what stands in the way, or insist."""
        freeing = [w for w in self._told if self._possible([t for t in self._told if t is not w])]
        if freeing and self._rng.random() < 0.75:
            return self._retract(self._rng.choice(freeing))
        return self._said(self._speech.pick(self._words.keep_all), "keep_all")

    def _go_on(self) -> Said:
        moves: list[tuple[Callable[[], Said | None], float]] = [(self._chat, 0.6), (self._ask_more, 0.8)]
        if self._untold:
            moves.append((self._add, 4))
        if self._told:
            moves += [(lambda: self._retract(self._rng.choice(self._told)), 0.8), (self._correct, 1)]
        if self._shown:
            moves += [(self._refuse, 1.8), (self._compare, 1.3), (self._inquire, 0.9), (self._react, 0.7)]
        while moves:
            chosen = self._rng.choices(moves, [weight for _, weight in moves])[0]
            if (said := chosen[0]()) is not None:
                return said
            moves.remove(chosen)
        return self._chat()

    def _chat(self) -> Said:
        return self._said(self._speech.pick(self._words.chatter), "chatter")

    def _ask_more(self) -> Said:
        return self._said(self._speech.pick(self._words.more), "more")

    def _add(self) -> Said:
        wish = self._untold.pop(0)
        self._told.append(wish)
        return self._said(self._speech.sentence(wish, self._words.also), "add", wish)

    def _refuse(self) -> Said | None:
        """Refuse a value of a shown item that the wanted item lacks."""
        item = self._oracle.items[self._rng.choice(self._shown)]
        told = {w.field for w in self._told if not w.refuses}
        fields = [
            f for f in self._wishes.fields if f.type in ("category", "tags") and f.name not in told and item[f.name]
        ]
        if not fields:
            return None
        field = self._rng.choice(fields)
        values = item[field.name]
        wish = self._wishes.against(
            self._target, field, self._rng.choice(values) if isinstance(values, list) else values
        )
        if wish is None or wish in self._told:
            return None
        self._told.append(wish)
        return self._said(self._speech.sentence(wish, self._words.refuse), "refuse", wish)

    def _retract(self, wish: Wish) -> Said:
        self._told = [w for w in self._told if w is not wish]
        self._untold = [w for w in self._untold if w.field != wish.field]
        same_field = any(w.field == wish.field for w in self._told)
        own = self._words.retract_unwanted if wish.refuses else self._words.retract_wanted
        frames = own if same_field or wish.refuses or self._rng.random() < 0.4 else self._words.retract
        said = self._speech.pick(frames, field=self._speech.name(wish.field), value=self._speech.short(wish))
        return self._said(said, "retract", wish)

    def _correct(self) -> Said | None:
        """Put another value in the place of one that was told."""
        old = self._rng.choice(self._told)
        if old.refuses or old.kind in ("yes", "between"):
            return None
        for _ in range(_TRIES):
            new = self._wishes.about(self._wishes.row(), self._oracle.fields[old.field])
            rest = [w for w in self._told if w.field != old.field]
            if new is None or new.kind != old.kind or new == old or not self._possible([*rest, new]):
                continue
            kept = [w for w in self._told if w is not old]
            self._told = [*kept, new]
            self._untold = [w for w in self._untold if w.field != old.field]
            if old.kind in ("has", "has_one_of"):
                self._may += tuple(Predicate(field=old.field, op="not_contains", value=v) for v in old.wanted)
            said = self._speech.pick(self._words.correct, new=self._speech.short(new), old=self._speech.short(old))
            return self._said(said, "correct", new)
        return None

    def _compare(self) -> Said | None:
        """Ask for more or less of a field than a shown item has, where something has it."""
        place = self._rng.randrange(len(self._shown[: len(self._words.ordinals)]))
        item = self._oracle.items[self._shown[place]]
        fields = [f for f in self._wishes.fields if f.type in ("number", "date") and item[f.name] is not None]
        for field in self._rng.sample(fields, k=len(fields)):
            less = self._rng.random() < 0.5
            wish = comparison(field, _comparative(field, less=less), item[field.name])
            told = tightest(self._told, wish)
            if any(w.field == field.name and w.kind == "between" for w in self._told) or not self._possible(told):
                continue
            self._told = told
            self._untold = [w for w in self._untold if w.field != field.name]
            dated = field.role == "date" or field.type == "date"
            frames = (
                (self._words.older if less else self._words.newer)
                if dated
                else (self._words.lower if less else self._words.higher)
            )
            nth = self._words.ordinals[place]
            return self._said(self._speech.pick(frames, field=self._speech.name(field.name), nth=nth), "compare", wish)
        return None

    def _inquire(self) -> Said:
        place = self._rng.randrange(len(self._shown[: len(self._words.ordinals)]))
        places = {"nth": self._words.ordinals[place], "title": str(self._oracle.items[self._shown[place]]["title"])}
        if self._rng.random() < 0.6:
            return self._said(self._speech.pick(self._words.why, **places), "why")
        name = self._speech.name(self._rng.choice([f for f in self._wishes.fields if f.type != "boolean"]).name)
        return self._said(self._speech.pick(self._words.detail, field=name, **places), "detail")

    def _react(self) -> Said:
        title = str(self._oracle.items[self._rng.choice(self._shown)]["title"])
        move: Move = self._rng.choice(("like", "like", "dislike"))
        return self._said(self._speech.pick(getattr(self._words, move), title=title), move)


def _comparative(field: Field, *, less: bool) -> Literal["below", "above", "before", "after"]:
    if field.role == "date" or field.type == "date":
        return "before" if less else "after"
    return "below" if less else "above"
