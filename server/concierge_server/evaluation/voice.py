"""A voice: one user's way of putting things, drawn from the wordings by chance."""

import random
from collections.abc import Iterable, Sequence
from typing import Literal

from concierge_server.evaluation.predicates import Item, Predicate
from concierge_server.evaluation.spoken import articles, capital, duration, listed, lower, mistyped, score
from concierge_server.evaluation.wordings import FieldWordings, Kind, Situation, Wordings
from concierge_tools.data.fields import Scalar

Register = Literal["plain", "terse", "chatty", "polite"]
_KINDS: dict[str, Kind] = {
    "<": "at_most",
    "<=": "at_most",
    ">": "at_least",
    ">=": "at_least",
    "==": "one_of",
    "in": "one_of",
    "contains": "with",
    "contains_any": "with",
    "contains_all": "with",
    "!=": "without",
    "not_in": "without",
    "not_contains": "without",
}
_USUAL_NAME = 0.7


class Voice:
    """Puts conditions into words; the same seed says the same."""

    def __init__(self, wordings: Wordings, *, items: Iterable[Item], rng: random.Random, typos: float = 0.0) -> None:
        self.wordings = wordings
        self._items = tuple(items)
        self._typos = typos
        self.rng = rng
        self.register: Register = rng.choice(["plain", "terse", "chatty", "polite"])

    def pick(self, alternatives: Sequence[str]) -> str:
        """Return one of the alternatives."""
        return self.rng.choice(alternatives)

    def field(self, name: str) -> FieldWordings:
        """Return the wordings of a field, or those for any field."""
        return self.wordings.fields.get(name, self.wordings.fields["any"])

    def put(self, predicate: Predicate, situation: Situation, *, shown: Item | None = None) -> tuple[str, bool]:
        """Return a condition in words, and whether they state it in full. `vague` needs the item that is refused."""
        template = self.pick(self._alternatives(predicate, situation, shown))
        text = template.format(
            value=self.value(predicate, plain="{value}+" in template),
            a_noun=self._noun(predicate),
            field=predicate.field.replace("_", " "),
        )
        return articles(text), "{value}" in template or "{a_noun}" in template

    def own(self, name: str, slot: Literal["own", "own_refuse", "own_exact"], values: Sequence[Scalar]) -> str:
        """Return what the user has (services, shops) in words."""
        alternatives: list[str] = getattr(self.field(name), slot) or ["{value}."]
        return self.pick(alternatives).format(value=self._joined(values, "and" if slot == "own" else "or"))

    def own_but(self, name: str, values: Sequence[Scalar], narrow: Sequence[Scalar]) -> str:
        """Return what the user has, and the part of it that is wanted."""
        alternatives = self.field(name).own_but or ["{value}, but only {narrow}."]
        return self.pick(alternatives).format(value=self._joined(values, "and"), narrow=self._joined(narrow, "or"))

    def value(self, predicate: Predicate, *, plain: bool = False) -> str:
        """Return the value of a condition as people write it."""
        spoken, first = self.field(predicate.field).spoken, predicate.values[0]
        if isinstance(first, int | float) and not isinstance(first, bool):
            if spoken == "duration":
                return duration(first, self.rng)
            return score(first, self.rng) if spoken == "score" and not plain else f"{first:g}"
        return self._joined(predicate.values, "and" if predicate.op == "contains_all" else "or")

    def request(self, predicates: Sequence[Predicate]) -> str:
        """Return a first request that states the conditions: some in the noun phrase, the others in sentences."""
        rest = list(predicates)
        head = next((p for p in rest if p.op == "contains" and p.value in self.wordings.nouns), None)
        if head is not None:
            rest.remove(head)
        elif not rest:
            return self.pick(self.wordings.bare)
        self.rng.shuffle(rest)
        inside = len(rest) if self.register == "terse" else self.rng.randint(0, min(3, len(rest)))
        if head is None:
            inside = max(inside, 1)
        what = f"a {self._bare_noun(head)}" if head is not None else self.pick(self.wordings.things)
        clauses = [self.put(p, "attached")[0] for p in rest[:inside]]
        what = f"{what} {listed(clauses, 'and', self.rng)}" if clauses else what
        opening = articles(capital(self.pick(self.wordings.request).format(what=what)))
        return self.joined([opening, *(self.put(p, "sentence")[0] for p in rest[inside:])])

    def joined(self, sentences: Sequence[str]) -> str:
        """Return sentences in one message, with a joint between some."""
        said = [capital(s) for s in sentences if s]
        for i in range(1, len(said)):
            if joint := self.pick(self.wordings.joints):
                said[i] = joint + lower(said[i])
        return " ".join(said)

    def finish(self, text: str, *, opening: bool = False, impatient: bool = False) -> str:
        """Return a message in the user's register, typos included."""
        words, rng = self.wordings, self.rng
        before, after = "", ""
        if opening and self.register != "terse" and rng.random() < 0.6:
            before = self.pick(words.greetings)
        elif impatient and rng.random() < 0.3:
            before = self.pick(words.impatient)
        elif not opening and self.register == "chatty" and rng.random() < 0.4:
            before = self.pick(words.chatty_before)
        if opening and self.register == "chatty" and rng.random() < 0.6:
            after = self.pick(words.chatter)
        elif self.register == "polite" and rng.random() < 0.4:
            after = self.pick(words.polite_after)
        text = f"{before} {lower(text) if before.endswith(',') else capital(text)}" if before else capital(text)
        text = f"{text} {after}" if after else text
        if self.register == "terse" and rng.random() < 0.6:
            text = text.lower().rstrip(".")
        return mistyped(text, self._typos, rng)

    def _alternatives(self, predicate: Predicate, situation: Situation, shown: Item | None) -> list[str]:
        wordings, kind = self.field(predicate.field), _KINDS[predicate.op]
        found = wordings.kind(kind) or self.wordings.fields["any"].kind(kind)
        if found is None:
            raise LookupError(f"wordings.toml says nothing about {kind!r} under [fields.any].")
        if situation == "vague":
            if isinstance(found.vague, list):
                return found.vague
            direction = _direction(wordings.scale, predicate, shown or {})
            return found.vague.get(direction) or found.vague["other"]
        if situation == "attached":
            return _bounded(found.attached, found.attached_strict, predicate, self._items)
        if situation == "sentence":
            return _bounded(found.sentence, found.sentence_strict, predicate, self._items)
        return found.answer if situation == "answer" else found.exact

    def _joined(self, values: Sequence[Scalar], joint: str) -> str:
        return listed([self._name(str(value)) for value in values], joint, self.rng)

    def _name(self, value: str) -> str:
        forms = self.wordings.names.get(value, [value.lower(), value] if value in self.wordings.nouns else [value])
        return forms[0] if self.rng.random() < _USUAL_NAME else self.pick(forms)

    def _noun(self, predicate: Predicate) -> str:
        return f"a {self._bare_noun(predicate)}"

    def _bare_noun(self, predicate: Predicate) -> str:
        value = str(predicate.values[0])
        return self.pick(self.wordings.nouns.get(value, self.wordings.other_nouns)).format(value=value)


def _bounded(plain: list[str], strict: list[str], predicate: Predicate, items: Sequence[Item]) -> list[str]:
    """Return the forms that may be used: those without the bound itself only where no item lies on it."""
    if predicate.op in ("<", ">"):
        return strict or plain
    on_it = any(item.get(predicate.field) == predicate.values[0] for item in items)
    return plain if on_it else [*plain, *strict]


def _direction(scale: Sequence[str], predicate: Predicate, shown: Item) -> str:
    """Return on which side of the wanted values an item lies: low, high, unlisted or other."""
    value = str(shown.get(predicate.field))
    if value not in scale:
        return "unlisted"
    wanted = [scale.index(str(v)) for v in predicate.values if str(v) in scale]
    if wanted and scale.index(value) < min(wanted):
        return "low"
    if wanted and scale.index(value) > max(wanted):
        return "high"
    return "other"
