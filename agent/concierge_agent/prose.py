"""Free sentences against the ground: every number, title, name, attribute and praise must be proven or the user's own.

Checks words, not meaning: a false statement made of proven words passes here, which is why facts travel as claims.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from concierge_agent import field_talk, wording
from concierge_agent.brain import Material
from concierge_agent.conditions import conditions
from concierge_agent.ground import Ground, agrees, rounds
from concierge_agent.naming import named_by_the_user
from concierge_agent.phrases import phrase, phrases
from concierge_agent.values import Constraint, FieldDescription

_BOUND = re.compile(
    r"\b(under|over|below|above|at most|at least|less|more|fewer|than|within|before|after|up to|since|from|to|until"
    r"|between|you|your|asked|limit|max\w*|min\w*)\W+(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"(\b(no|not|nor|non|without|never|neither|none|avoid\w*|skip\w*|exclud\w*|instead of|rather than|free of)\b"
    r"|n['’]t\b)\W*(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(popular\w*|trending|best[- ]sell\w*|(?:top|best|highest|well)[- ]rated|award\w*|acclaimed|celebrated|critics?"
    r"|blockbuster|number one|everyone)\b|#1\b",
    re.IGNORECASE,
)
_ABOUT_THE_USER = re.compile(r"\b(you|your|you've|asked)\b", re.IGNORECASE)
_LONG = 30
"""A text of so many characters is no name or value that could mean something else in another place."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a sentence says that nothing proves."""

    code: str
    """unproven_number, hidden_title, unknown_name, false_attribute or unproven_praise."""
    text: str
    """What is wrong and what to do, for the writer's repair."""


class Prose:
    """Judges sentences of one turn."""

    def __init__(
        self, material: Material, ground: Ground, subjects: Sequence[str], *, speakable: Iterable[str] = ()
    ) -> None:
        """Judge by `ground`; `subjects` are the ids of the items the answer is about, `speakable` may be named too."""
        self._ground = ground
        self._subjects = tuple(subjects)
        context = material.context
        self._catalog = context.catalog
        self._ledger = context.conversation.ledger
        self._said = "\n".join([context.text, *(turn.text for turn in context.conversation.turns)])
        self._titles = {**ground.titles, **material.context.conversation.titles}
        self._named = self._sayable(material) | set(speakable)
        results = [call.result for call in material.calls if call.result is not None]
        self._bases = " ".join(str(result.get("basis", "")) for result in results)
        self._queries = [str(c.arguments["query"]) for c in material.calls if c.arguments.get("query")]

    @property
    def titles(self) -> list[str]:
        """Every title a sentence could hold, in every form, the longest first."""
        return [form for form, _ in self._forms]

    def sentences(self, text: str) -> list[str]:
        """Split text into sentences without cutting through a title or a value of the items it is about."""
        return wording.sentences(text, [*self.titles, *self._texts])

    def faults(self, sentence: str, item_id: str | None = None) -> list[Fault]:
        """Return what is wrong with a sentence: of the answer as a whole, or of one item's reason."""
        if item_id is not None and self._verbatim(sentence, item_id):
            return []
        text = self._without_conditions(sentence, item_id)
        text, mentioned, found = self._titles_in(text, item_id)
        about = (item_id, *mentioned) if item_id is not None else tuple(mentioned)
        text, unknown = self._quotations_in(text, about)
        found += unknown
        text, wrong = field_talk.false_dates(text, about or self._subjects, self._ground, self._said)
        found += [Fault("unproven_number", f"Nothing proves the date {date!r}.") for date in wrong]
        if item_id is not None:
            flags = field_talk.false_flags(text, item_id, self._ground, self._catalog)
            found += [Fault("false_attribute", f"The trace says the opposite of {name!r}.") for name in flags]
        found += self._numbers_in(text, item_id, about)
        text, false = self._attributes_in(text, item_id, tuple(mentioned) or self._subjects)
        found += false
        found += self._praise_in(text, about or self._subjects)
        known = self._vocabulary | wording.words("\n".join(self._ground.words(i) for i in about or self._subjects))
        for name in wording.names(text, known):
            found.append(Fault("unknown_name", f"{name!r} is in no result; leave it out."))
        if not found:
            ground = "\n".join([self._corpus, *(self._ground.words(i) for i in about or self._subjects)]).casefold()
            strange = [run for run in wording.runs(text) if run.casefold() not in ground]
            found += [Fault("unknown_name", f"{run!r} is in no result; leave it out.") for run in strange]
        return found

    def _verbatim(self, sentence: str, item_id: str) -> bool:
        """Return whether the server said this about the item, or one of its own texts does."""
        texts = [
            f.value for f in self._ground.facts.get(item_id, ()) if f.source == "field" and isinstance(f.value, str)
        ]
        own = [text for text in texts if len(text) > _LONG and text in sentence]
        said = _plain(" ".join(self._ground.sentences.get(item_id, ())))
        return _plain(sentence) in said or any(_plain(sentence) == _plain(text) for text in own)

    def _without_conditions(self, sentence: str, item_id: str | None) -> str:
        """Return a sentence without the conditions it restates; of one item, a plain value is a fact to be checked."""
        active = conditions(self._ledger, self._catalog)
        if item_id is not None:
            active = tuple(c for c in active if c.op not in ("==", "contains"))
        spoken = [*phrases(active, self._catalog), *(phrase(c, self._catalog) for c in active)]
        for words in sorted(spoken, key=len, reverse=True):
            sentence = re.sub(re.escape(words), " ", sentence, flags=re.IGNORECASE)
        return sentence

    def _titles_in(self, text: str, item_id: str | None) -> tuple[str, list[str], list[Fault]]:
        allowed = self._named | set(self._subjects)
        if item_id is not None:
            allowed |= {item_id} | self._ground.seeds(item_id)
        mentioned: list[str] = []
        found: list[Fault] = []
        for form, ids in self._forms:
            matches = wording.mentions(form, text, self._vocabulary) if form in text else []
            for match in reversed(matches):
                text = f"{text[: match.start()]} {text[match.end() :]}"
            if not matches:
                continue
            if ids & allowed:
                mentioned += [i for i in self._subjects if i in ids]
            else:
                found.append(Fault("hidden_title", f"{form!r} is not among the items to present; do not mention it."))
        return text, mentioned, found

    def _quotations_in(self, text: str, about: Iterable[str]) -> tuple[str, list[Fault]]:
        corpus = "\n".join([self._corpus, *(self._ground.words(i) for i in about)]).casefold()
        found: list[Fault] = []
        for match in list(wording.quotations(text)):
            inside = next(group for group in match.groups() if group is not None)
            if inside.strip().casefold().strip(".,!?") in corpus:
                text = text.replace(match[0], " ", 1)
            elif inside != inside.lower():
                found.append(Fault("unknown_name", f"{inside!r} is in no result; leave it out."))
                text = text.replace(match[0], " ", 1)
        return text, found

    def _numbers_in(self, text: str, item_id: str | None, about: Sequence[str]) -> list[Fault]:
        proven = {value for i in about for value in wording.number_values(self._ground.prose(i))}
        fields = {said.number.start: said.field for said in field_talk.numbers_of_fields(text, self._catalog)}
        found: list[Fault] = []
        for number in wording.numbers(text):
            loose = item_id is None and not (about and number.start in fields)
            bound = loose or _BOUND.search(text[: number.start]) is not None
            exact = self._field_values(fields[number.start], about) if number.start in fields else None
            own = proven if exact is None else exact
            allowed = own | self._counts if bound else own
            if not any(_matches(value, number) for value in allowed):
                found.append(
                    Fault("unproven_number", f"Nothing proves the number {number.text!r} in {text.strip()!r}.")
                )
        return found

    def _field_values(self, field: FieldDescription, about: Sequence[str]) -> set[float] | None:
        """Return the items' values of a numeric field; None when no result tells any."""
        values = (self._ground.value(i, field.name) for i in about or self._subjects)
        return {float(value) for value in values if isinstance(value, int | float)} or None

    def _attributes_in(self, text: str, item_id: str | None, subjects: Sequence[str]) -> tuple[str, list[Fault]]:
        asks = item_id is None and text.rstrip().endswith("?")
        own_words = (self._said + "\n".join(e.text for e in self._ledger.active())).casefold()
        own_words = own_words if _ABOUT_THE_USER.search(text) else ""
        judged = (item_id,) if item_id is not None else subjects
        found: list[Fault] = []
        for value, fields in self._values:
            if value.casefold() not in text.casefold():
                continue
            flags = re.IGNORECASE if len(value) > 3 else 0
            for match in reversed(list(re.finditer(rf"(?<!\w){re.escape(value)}(?:s?)(?!\w)", text, flags))):
                negated = _NEGATION.search(text[: match.start()]) is not None
                text = f"{text[: match.start()]} {text[match.end() :]}"
                if asks or negated or value.casefold() in own_words:
                    continue
                told = field_talk.named_before(text[: match.start()], fields, self._catalog)
                lacking = [i for i in judged if not self._has(i, value, told or fields, strict=bool(told))]
                if lacking:
                    title = self._titles.get(lacking[0], lacking[0])
                    names = " or ".join(sorted(fields))
                    found.append(Fault("false_attribute", f"{title!r} does not have {value!r} in {names}."))
        return text, found

    def _praise_in(self, text: str, about: Iterable[str]) -> list[Fault]:
        fields = " ".join(field.name.replace("_", " ") for field in self._catalog.fields)
        proof = " ".join([self._bases, self._said, fields, *(self._ground.words(i) for i in about)])
        is_popular = re.search(r"trending|popular", self._bases) is not None
        found: list[Fault] = []
        for match in _PRAISE.finditer(text):
            stem = match[0].casefold()[:7]
            if stem not in proof.casefold() and not (stem in ("popular", "trendin") and is_popular):
                found.append(Fault("unproven_praise", f"No result says {match[0]!r}; leave it out."))
        return found

    def _has(self, item_id: str, value: str, fields: Iterable[str], *, strict: bool) -> bool:
        """Return whether an item has a value: in its fields, or in its own words; `strict` holds to the fields."""
        known = [self._ground.value(item_id, field) for field in fields]
        if any(agrees(held, value) for held in known):
            return True
        if strict and any(held is not None for held in known):
            return False
        told = any(held is not None for held in known)
        said = self._ground.own_words(item_id) if told else self._ground.words(item_id)
        return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said, re.IGNORECASE) is not None

    def _sayable(self, material: Material) -> set[str]:
        conversation = material.context.conversation
        ids = {*self._ledger.liked, *self._ledger.disliked, *conversation.shown, *named_by_the_user(material)}
        ids |= {seed for turn in conversation.turns for seed in turn.seeds}
        said = self._said.casefold()
        ids |= {
            i for i, title in self._titles.items() if any(f.casefold() in said for f in wording.title_forms(title)[:2])
        }
        return ids

    @cached_property
    def _forms(self) -> list[tuple[str, set[str]]]:
        forms: dict[str, set[str]] = {}
        for item_id, title in self._titles.items():
            for form in wording.title_forms(title):
                forms.setdefault(form, set()).add(item_id)
        return sorted(forms.items(), key=lambda pair: (-len(pair[0]), pair[0]))

    @cached_property
    def _texts(self) -> list[str]:
        known = (fact.value for i in self._subjects for fact in self._ground.facts.get(i, ()))
        parts = (part for value in known for part in (value if isinstance(value, list) else [value]))
        return [part for part in parts if isinstance(part, str)]

    @cached_property
    def _values(self) -> list[tuple[str, set[str]]]:
        values: dict[str, set[str]] = {}
        for field in self._catalog.fields:
            if field.type in ("category", "tags"):
                for known in field.top_values:
                    if isinstance(known.value, str) and re.search(r"[^\W\d_]", known.value) and known.value not in "AI":
                        values.setdefault(known.value, set()).add(field.name)
                for value in self._seen_values(field):
                    values.setdefault(value, set()).add(field.name)
        return sorted(values.items(), key=lambda pair: (-len(pair[0]), pair[0]))

    def _seen_values(self, field: FieldDescription) -> set[str]:
        """Return the capitalised values of a field that the results hold, or that the user spoke of."""
        held: list[object] = [f.value for facts in self._ground.facts.values() for f in facts if f.name == field.name]
        held += [c.value for c in self._ledger.constraints if c.field == field.name]
        parts = (part for value in held for part in (value if isinstance(value, list) else [value]))
        return {part for part in parts if isinstance(part, str) and len(part) > 3 and part[:1].isupper()}

    @cached_property
    def _corpus(self) -> str:
        fields = [f"{f.name.replace('_', ' ')} {' '.join(f.aliases)} {f.unit or ''}" for f in self._catalog.fields]
        entries = [f"{e.text} {_value_text(e.constraint)}" for e in self._ledger.active()]
        values = (value for value, _ in self._values)
        return "\n".join([self._said, self._catalog.name, *self._queries, *fields, *values, *entries])

    @cached_property
    def _vocabulary(self) -> set[str]:
        return wording.words(self._corpus)

    @cached_property
    def _counts(self) -> set[float]:
        ledger = "\n".join(f"{e.text} {_value_text(e.constraint)}" for e in self._ledger.active())
        said = wording.number_values(self._said) | wording.number_values(ledger)
        few = {float(n) for n in range(1, len(self._subjects) + 1)}
        return said | few | self._ground.counts | {float(self._catalog.items), float(len(self._ledger.active()))}


def _value_text(constraint: Constraint | None) -> str:
    if constraint is None:
        return ""
    values = constraint.value if isinstance(constraint.value, list) else [constraint.value]
    return " ".join(str(value) for value in values)


def _matches(exact: float, number: wording.Number) -> bool:
    scaled = exact * 100 if number.suffix == "%" and 0 <= exact <= 1 else exact
    if any(rounds(scaled, said, number.decimals) for said in number.values):
        return True
    if number.suffix != "s" or not 1000 <= exact < 3000:
        return False
    decade = exact // 10 * 10
    return any(said in (decade, decade % 100) for said in number.values)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!")
