"""Speech: one user's way of wording wishes about any catalog, drawn from the frozen wordings."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from concierge_server.evaluation.generated.wishes import Wish
from concierge_server.evaluation.generated.wordings import NeutralWordings
from concierge_server.evaluation.spoken import articles, capital, listed
from concierge_tools.data.fields import Field, Scalar

_LOWER = 0.35
_ALIAS = 0.4
_GREETED = 0.25
_UNIT_ALONE = 0.5
_SHORT = ("is", "is_one_of", "has", "has_one_of")


@dataclass(slots=True)
class Speech:
    """Words wishes; the same seed says the same."""

    words: NeutralWordings
    fields: dict[str, Field]
    rng: random.Random
    lower: bool = field(init=False)
    """Whether this user writes values without capitals."""

    def __post_init__(self) -> None:
        self.lower = self.rng.random() < _LOWER

    def pick(self, alternatives: Sequence[str], **places: str) -> str:
        """Return one of the alternatives, filled in."""
        return capital(articles(self.rng.choice(alternatives).format(**places)))

    def request(self, wishes: Sequence[Wish]) -> str:
        """Return a first request that states the wishes."""
        greeting = f"{self.rng.choice(self.words.greetings)} " if self.rng.random() < _GREETED else ""
        if not wishes:
            return greeting + self.pick(self.words.bare)
        head = next((w for w in wishes if self.words.kinds[w.kind].noun), None)
        thing = self.rng.choice(self.words.things)
        if head is not None and self.rng.random() < 0.5:
            thing = self._put(head, self.words.kinds[head.kind].noun)
        else:
            head = None
        rest = [self._attached(wish) for wish in wishes if wish is not head]
        return greeting + self.pick(self.words.request, what=" ".join([thing, *([" and ".join(rest)] if rest else [])]))

    def sentence(self, wish: Wish, frames: Sequence[str]) -> str:
        """Return a wish as a sentence within one of the frames."""
        said = self._put(wish, self.words.kinds[wish.kind].sentence)
        frame = self.rng.choice(frames)
        return frame.format(sentence=capital(said) if frame.startswith("{") else said)

    def answer(self, wish: Wish) -> str:
        """Return a wish as the answer to a question about its field."""
        return capital(self._put(wish, self.words.kinds[wish.kind].answer))

    def short(self, wish: Wish) -> str:
        """Return a wish in as few words as can stand in a sentence of their own."""
        if wish.kind in ("yes", "no"):
            return self.name(wish.field)
        if wish.kind in _SHORT or wish.refuses:
            return self._value(wish)
        return self._put(wish, self.words.kinds[wish.kind].answer)

    def name(self, field_name: str) -> str:
        """Return a field as people call it: by its name without the unit, or by an alias."""
        known = self.fields[field_name]
        if known.aliases and self.rng.random() < _ALIAS:
            return self.rng.choice(known.aliases)
        words = field_name.replace("_", " ").split()
        if known.unit and len(words) > 1 and words[-1].casefold() == known.unit.casefold():
            words.pop()
        return " ".join(words)

    def _attached(self, wish: Wish) -> str:
        wordings = self.words.kinds[wish.kind]
        alone = wordings.unit_only and self._unit_is_telling(wish.field) and self.rng.random() < _UNIT_ALONE
        return self._put(wish, wordings.unit_only if alone else wordings.attached)

    def _unit_is_telling(self, field_name: str) -> bool:
        unit = self.fields[field_name].unit
        return unit is not None and sum(f.unit == unit for f in self.fields.values()) == 1

    def _put(self, wish: Wish, alternatives: Sequence[str]) -> str:
        low = self._spoken(wish.wanted[0], wish.field, unit=False)
        template = self.rng.choice(alternatives)
        return articles(template.format(field=self.name(wish.field), value=self._value(wish), low=low))

    def _value(self, wish: Wish) -> str:
        if wish.kind == "between":
            return self._spoken(wish.wanted[1], wish.field)
        return listed([self._spoken(value, wish.field) for value in wish.wanted], "or", self.rng)

    def _spoken(self, value: Scalar, field_name: str, *, unit: bool = True) -> str:
        known = self.fields[field_name]
        if isinstance(value, bool):
            return self.name(field_name)
        if isinstance(value, int | float):
            number = f"{value:.10g}"
            if known.unit is None or not unit:
                return number
            return self.rng.choice(self.words.units.get(known.unit, [f"{{n}} {known.unit}"])).format(n=number)
        if known.type == "date":
            return _day(value)
        return value.lower() if self.lower else value


def _day(value: str) -> str:
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        return value
    spoken = date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
    return f"{spoken:%B %Y}" if len(parts) == 2 else f"{spoken:%B} {spoken.day}, {spoken.year}"
