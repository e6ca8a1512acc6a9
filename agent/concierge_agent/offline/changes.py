"""How a reading changes the ledger: what is new, what it replaces, and what the user took back."""

from collections.abc import Iterable, Sequence

from concierge_agent.ledger import Change, Entry, Kind, Ledger
from concierge_agent.offline.conflicts import NEGATIVE, POSITIVE, contained, in_half, opposed, shares, superseded
from concierge_agent.offline.extending import POSITIVE as EXTENSIBLE
from concierge_agent.offline.extending import values_of, widened
from concierge_agent.offline.reading import Answered, Named, Reading, Stated
from concierge_agent.offline.text import key
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint, Scalar


class Changes:
    """Collects changes against a ledger; each entry is retracted once, and notes say what was replaced unasked."""

    def __init__(self, ledger: Ledger, words: Vocabulary) -> None:
        self._words = words
        self._entries = list(ledger.active())
        self._retracted: list[str] = []
        self._for_good: set[str] = set()
        self._added: list[Entry] = []
        self.extending = False
        """Whether what is stated is an alternative to what stands, not a further condition."""
        self.turned = False
        """Whether the turn set aside what was asked for before it."""
        self.notes: list[str] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes, retractions first."""
        gone = [
            Change(op="retract", entry_id=i, scope="user" if i in self._for_good else "conversation")
            for i in self._retracted
        ]
        return (*gone, *(Change(op="add", entry=entry) for entry in self._added))

    def read(self, reading: Reading) -> None:
        """Apply everything a reading says."""
        self._drop(reading)
        if reading.correcting and not reading.adding:
            self._replace(reading)
        for stated in self._not_widening(reading):
            self.state(stated)
        for answered in reading.answered:
            self.answer(answered)
        for named in reading.likes:
            self._taste(named, liked=True)
        for named in reading.dislikes:
            self._taste(named, liked=False)
        if reading.wishes and not reading.adding and (reading.correcting or reading.heads):
            self._retract(e for e in self._active("wish"))
        for wish in reading.wishes:
            self._added.append(Entry(id="", kind="wish", turn=0, text=wish, scope="request"))

    def unwish(self, texts: Iterable[str]) -> None:
        """Forget wishes by their stems: those that stand, and those of this turn."""
        gone = {key(text) for text in texts}
        self._retract(e for e in self._active("wish") if key(e.text) in gone)
        self._added = [e for e in self._added if e.kind != "wish" or key(e.text) not in gone]

    def clear(self) -> None:
        """Take back everything but what holds for the user in general."""
        self._retract(e for e in self._active() if e.scope != "user")

    @property
    def standing(self) -> list[Entry]:
        """What holds for the user in general and still counts."""
        return [e for e in self._active() if e.scope == "user"]

    def read_standing(self, reading: Reading) -> None:
        """Apply what a reading says of the user in general; what stood before and gives way is taken back for good."""
        earlier = len(self._added)
        self.read(reading)
        for i, entry in enumerate(self._added[earlier:], start=earlier):
            if entry.kind in ("constraint", "like", "dislike") and not _orders(entry):
                self._added[i] = entry.model_copy(update={"scope": "user"})
        self.for_good()

    def for_good(self) -> None:
        """Let what was taken back of the standing entries so far be taken back for good."""
        self._for_good |= {e.id for e in self._entries if e.scope == "user" and e.id in self._retracted}

    def take_back_for_good(self, entries: Iterable[Entry]) -> None:
        """Take standing entries back, here and in every later conversation."""
        gone = list(entries)
        self._retract(gone)
        self._for_good |= {e.id for e in gone}

    def retract(self, entries: Iterable[Entry]) -> None:
        """Take these entries back, in this conversation."""
        self._retract(entries)

    def set_aside(self, *, answers: bool = False) -> list[Entry]:
        """Take back what was asked for, with `answers` too, and return it; what the user told of themselves stays."""
        self.turned = True
        kinds: tuple[Kind, ...] = ("constraint", "wish", "answer") if answers else ("constraint", "wish")
        gone = [e for e in self._active(*kinds) if e.scope != "user"]
        self._retract(gone)
        return gone

    def consent(self, token: str, text: str) -> None:
        """Record the user's consent."""
        self._added.append(Entry(id="", kind="consent", turn=0, text=text, value=token, scope="request"))

    def no_preference(self, field: str, text: str) -> None:
        """Record that the user does not mind."""
        self._retract(e for e in self._active("answer") if e.field == field)
        self._added.append(Entry(id="", kind="answer", turn=0, text=text, field=field, value=None))

    def drop(self, constraints: Iterable[Constraint]) -> None:
        """Take back exactly these constraints."""
        wanted = list(constraints)
        self._retract(e for e in self._active("constraint") if e.constraint in wanted)

    def state(self, stated: Stated) -> None:
        """Add a constraint; what it makes pointless or contradicts is taken back."""
        new = stated.constraint
        field = self._words.catalog.field(new.field)
        same_field = [e for e in self._constraints(new.field) if _yields(e, stated)]
        if field is not None and field.type in ("number", "date"):
            self._retract(
                e
                for e in same_field
                if superseded(e.constraint, new) and not (stated.compared and contained(e.constraint, new))
            )
        elif field is not None and field.type in ("category", "boolean"):
            self._retract(
                e
                for e in same_field
                if e.constraint is not None
                and (
                    (new.op in POSITIVE and e.constraint.op in POSITIVE)
                    or ((new.op in POSITIVE) != (e.constraint.op in POSITIVE) and shares(e.constraint, new))
                )
            )
        else:
            against = [e for e in same_field if e.constraint is not None and opposed(e.constraint, new)]
            for entry in against:
                self._without(entry, values_of(new))
        ordered = stated.order is not None
        if ordered:
            self._retract(e for e in self._active("constraint") if _orders(e))
        self._added.append(
            Entry(
                id="",
                kind="constraint",
                turn=0,
                text=stated.text,
                constraint=new,
                hard=stated.hard,
                field=new.field if ordered else None,
                value=stated.order,
                scope="request" if ordered else "conversation",
                confidence=stated.confidence,
            )
        )

    def answer(self, answered: Answered) -> None:
        """Record the values of a field the store asks about first."""
        old = [e for e in self._active("answer") if e.field == answered.field]
        now = [e for e in self._added if e.kind == "answer" and e.field == answered.field]
        kept = [*(old if answered.extends or self.extending else []), *now]
        values = list(dict.fromkeys([*(v for e in kept for v in _listed(e)), *answered.values]))
        self._added = [e for e in self._added if e not in now]
        self._retract(old)
        for entry in self._barring(answered.field, answered.values):
            self._without(entry, answered.values)
        field = self._words.catalog.field(answered.field)
        value = values if field is None or field.type == "tags" or len(values) > 1 else values[0]
        self._added.append(Entry(id="", kind="answer", turn=0, text=answered.text, field=answered.field, value=value))

    def answers_barred(self, rules: Iterable[Constraint]) -> list[tuple[str, str]]:
        """Return the fields and values of answers that `rules` would exclude, so that they are asked for again."""
        barred = {(rule.field, str(v)) for rule in rules if rule.op in NEGATIVE for v in values_of(rule)}
        given = [(e.field, v) for e in self._active("answer") if e.field is not None for v in _listed(e)]
        return [answer for answer in given if answer in barred]

    def _drop(self, reading: Reading) -> None:
        self.drop(reading.dropped_bounds)
        for name, half in dict.fromkeys(reading.dropped_fields):
            self._retract(
                e
                for e in [*self._constraints(name), *(a for a in self._active("answer") if a.field == name)]
                if e.kind == "answer" or (e.constraint is not None and in_half(e.constraint, half))
            )
        for name in dict.fromkeys(name for name, _ in reading.dropped_values):
            gone = [value for other, value in dict.fromkeys(reading.dropped_values) if other == name]
            for entry in self._constraints(name):
                if entry.constraint is not None and set(gone) & set(map(str, values_of(entry.constraint))):
                    self._without(entry, gone)
            for entry in self._active("answer"):
                if entry.field == name and set(gone) & set(_listed(entry)):
                    self._retract([entry])
                    rest = [v for v in _listed(entry) if v not in gone]
                    if rest:
                        self._added.append(entry.model_copy(update={"id": "", "turn": 0, "value": rest}))
        for name, value in dict.fromkeys(reading.allowed_values):
            self._allow(name, value, reading.text)
        words = {stem for word in reading.dropped_everything_about for stem in key(word)}
        self._retract(e for e in self._active("wish") if words & set(key(e.text)))

    def _allow(self, name: str, value: str, text: str) -> None:
        """Let a value in: take its exclusion back, or add it to the values that are asked for."""
        barring = self._barring(name, [value])
        for entry in barring:
            self._without(entry, [value])
        if barring:
            return
        if any(e.field == name and _listed(e) for e in self._active("answer")):
            self.answer(Answered(name, (value,), text, extends=True))
        field = self._words.catalog.field(name)
        if field is not None and field.type in ("category", "tags"):
            op = "contains" if field.type == "tags" else "=="
            new = Constraint.model_validate({"field": name, "op": op, "value": value})
            self._widen([Stated(new, text)])

    def _barring(self, name: str, values: Iterable[str]) -> list[Entry]:
        """Return the conditions that exclude any of these values."""
        wanted = set(values)
        stated = [(e, e.constraint) for e in self._constraints(name) if e.constraint is not None]
        return [e for e, c in stated if c.op in NEGATIVE and wanted & set(map(str, values_of(c)))]

    def _not_widening(self, reading: Reading) -> list[Stated]:
        """Widen what stands by what is stated as an alternative to it; return what is stated besides."""
        rest: list[Stated] = []
        for name in dict.fromkeys(s.constraint.field for s in reading.stated):
            group = [s for s in reading.stated if s.constraint.field == name]
            field = self._words.catalog.field(name)
            single = field is not None and field.type == "category"
            alternative = self.extending or (reading.adding and single)
            if not (alternative and all(s.hard for s in group) and self._widen(group)):
                rest += group
        return rest

    def _widen(self, group: Sequence[Stated]) -> bool:
        """Put a wider condition in the place of the field's own; say whether that was possible."""
        name = group[0].constraint.field
        field = self._words.catalog.field(name)
        old = [e for e in self._constraints(name) if e.hard and e.constraint is not None]
        if field is None:
            return False
        if field.type in ("category", "tags"):
            old = [e for e in old if e.constraint is not None and e.constraint.op in EXTENSIBLE][-1:]
        made = widened(field, [e.constraint for e in old if e.constraint is not None], [s.constraint for s in group])
        if made is None:
            return False
        self._retract(old)
        text = f"{old[-1].text}, {group[0].text}"
        self._added += [Entry(id="", kind="constraint", turn=0, text=text, constraint=c) for c in made]
        return True

    def _replace(self, reading: Reading) -> None:
        """Let a correction take the place of the positive values of its field."""
        fields = {s.constraint.field for s in reading.stated if s.hard and s.constraint.op in POSITIVE}
        for name in fields:
            field = self._words.catalog.field(name)
            if field is not None and field.type in ("category", "tags", "boolean"):
                self._retract(
                    e for e in self._constraints(name) if e.constraint is not None and e.constraint.op in POSITIVE
                )

    def _taste(self, named: Named, *, liked: bool) -> None:
        kind, other = ("like", "dislike") if liked else ("dislike", "like")
        self._retract(e for e in self._entries if e.kind == other and e.item_id == named.item_id)
        self._added.append(
            Entry(
                id="",
                kind="like" if kind == "like" else "dislike",
                turn=0,
                text=named.text,
                item_id=named.item_id,
                title=named.title,
            )
        )

    def _active(self, *kinds: str) -> list[Entry]:
        return [e for e in self._entries if e.id not in self._retracted and (not kinds or e.kind in kinds)]

    def _constraints(self, field: str) -> list[Entry]:
        return [e for e in self._active("constraint") if e.constraint is not None and e.constraint.field == field]

    def _retract(self, entries: Iterable[Entry]) -> None:
        self._retracted.extend(e.id for e in list(entries) if e.id and e.id not in self._retracted)

    def _without(self, entry: Entry, values: Sequence[Scalar | str]) -> None:
        """Retract an entry; what is left of its list of values is stated again."""
        self._retract([entry])
        constraint = entry.constraint
        if constraint is None or not isinstance(constraint.value, list):
            return
        gone = {str(v) for v in values}
        rest = [v for v in constraint.value if str(v) not in gone]
        if rest:
            left = constraint.model_copy(update={"value": rest})
            self._added.append(entry.model_copy(update={"id": "", "turn": 0, "constraint": left}))


def _listed(entry: Entry) -> list[str]:
    if isinstance(entry.value, list):
        return [str(v) for v in entry.value]
    return [] if entry.value is None else [str(entry.value)]


def _yields(entry: Entry, stated: Stated) -> bool:
    """Whether an entry may give way: a preference never undoes a condition, and a bound leaves an order alone."""
    return not _orders(entry) if stated.hard else not entry.hard


def _orders(entry: Entry) -> bool:
    return not entry.hard and entry.value in ("ascending", "descending")
