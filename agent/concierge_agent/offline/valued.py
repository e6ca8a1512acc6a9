"""Values of fields, grouped as the sentence joins them: "a or b", "a and b", "no a or b", "I have a and b"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from concierge_agent.offline.elements import Element, Parts
from concierge_agent.offline.frames import Frame
from concierge_agent.offline.links import Link
from concierge_agent.offline.reading import Answered, Reading, Stated
from concierge_agent.offline.text import Token, word_set
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import Constraint, FieldDescription, Op, Scalar

_OR = frozenset({"or", "/", "nor"})
_BEYOND = (["below"], ["under"], ["lower"], ["above"], ["over"], ["higher"], ["up"], ["less"], ["beyond"])
_BY = frozenset({"by", "from"})
_WITH = frozenset({"with", "starring", "featuring", "and"})


@dataclass(frozen=True, slots=True)
class Valued:
    """A value in its place."""

    element: Element
    field: FieldDescription
    value: Scalar
    frame: Frame

    @property
    def negated(self) -> bool:
        """Whether the value is to be ruled out."""
        if self.frame.attitude == "dislike":
            return True
        return self.frame.negated != self.frame.complaint


def read_values(parts: Parts, words: Vocabulary, reading: Reading, expected: FieldDescription | None) -> None:
    """Turn the values of a text into constraints, answers and things taken back."""
    values: list[Valued] = []
    for element in parts.elements:
        if element.family == "value" and not parts.frame(element).inquiry:
            values.append(_valued(element, parts, words, values, expected, reading))
    kept = [value for value in values if _wanted(value, reading, expected)]
    asked_for = {v.field.name for v in kept if v.frame.attitude == "want" and not v.negated}
    for group, any_of in _groups(kept, parts.tokens):
        _state(group, any_of, parts, words, reading, asked_for)


def _valued(
    element: Element,
    parts: Parts,
    words: Vocabulary,
    before: Sequence[Valued],
    expected: FieldDescription | None,
    reading: Reading,
) -> Valued:
    frame = parts.frame(element)
    if element.denied or _denied_beside(element, parts.tokens):
        parts.scope.consumed |= {j for j in (element.end, element.end + 1) if _text(parts.tokens, j) in ("-", "free")}
        frame = replace(frame, negated=not frame.negated)
    if isinstance(element.payload, FieldDescription):
        return Valued(element, element.payload, True, frame)
    link = element.payload
    if not isinstance(link, Link):
        raise TypeError(f"A value must come from a link, not {type(link).__name__}.")
    mention = link.mention
    choices = [(mention.field, mention.value), *((r.field, r.value) for r in link.rivals)]
    choices += [
        (a.field, a.value) for a in mention.alternatives if a.field is not None and a.score >= mention.score - 0.05
    ]
    options = [
        (f, v) for name, v in dict.fromkeys(choices) if name and v and (f := words.catalog.field(name)) is not None
    ]
    options = [(f, v) for f, v in options if f.type != "text"] or options
    field, value = _chosen(options, element, parts, words, before, expected)
    others = [f.name for f, _ in options if f.name != field.name]
    cued = _cue_before(parts, element, words)
    if others and cued is None and (expected is None or expected.name != field.name):
        reading.doubt(
            f"I took {mention.text!r} as {field.name}; it is also found in {', '.join(dict.fromkeys(others))}."
        )
    after = [t.text for t in parts.tokens[element.end : element.end + 2]]
    if after[:1] in (["or"], ["and"]) and after[1:] in _BEYOND and not parts.frame(element).negated:
        reading.doubt(f"I do not know what comes {after[1]} {value!r}, so I took exactly that.")
    if mention.match in ("typo", "partial"):
        reading.notes.append(f"I took {mention.text!r} to mean {value!r}.")
    return Valued(element, field, value, frame)


def _denied_beside(element: Element, tokens: Sequence[Token]) -> bool:
    """Whether the value stands in "non-X" or "X-free"."""
    before = [t.text for t in tokens[max(0, element.start - 2) : element.start]]
    after = [t.text for t in tokens[element.end : element.end + 2]]
    return before == ["non", "-"] or before[-1:] == ["non"] or after == ["-", "free"]


def _text(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].text if i < len(tokens) else ""


def _chosen(
    options: Sequence[tuple[FieldDescription, str]],
    element: Element,
    parts: Parts,
    words: Vocabulary,
    before: Sequence[Valued],
    expected: FieldDescription | None,
) -> tuple[FieldDescription, str]:
    cued = _cue_before(parts, element, words)
    for wanted in (cued, expected):
        for field, value in options:
            if wanted is not None and field.name == wanted.name:
                return field, value
    word = parts.tokens[element.start - 1].text if element.start else ""
    if word in _BY or word in _WITH:
        kind = "category" if word in _BY else "tags"
        fitting = [(f, v) for f, v in options if f.type == kind]
        if fitting and word != "and":
            return fitting[0]
    last = before[-1] if before else None
    if last is not None and element.start - last.element.end <= 3:
        for field, value in options:
            if field.name == last.field.name:
                return field, value
    return options[0]


def _cue_before(parts: Parts, element: Element, words: Vocabulary) -> FieldDescription | None:
    for start in range(max(0, element.start - 4), element.start):
        named = words.named_at(parts.tokens, start)
        if named is not None and named[1] == element.start:
            return named[0]
    return None


def _wanted(value: Valued, reading: Reading, expected: FieldDescription | None) -> bool:
    """Handle what is taken back; return whether the value is to be stated."""
    pair = (value.field.name, str(value.value))
    attitude = value.frame.attitude
    if value.field.type == "boolean" and attitude in ("retract", "okay", "allow"):
        reading.dropped_fields.append((value.field.name, "both"))
        return False
    if (attitude == "have" and value.negated) or attitude == "retract":
        reading.dropped_values.append(pair)
    elif attitude == "okay" and expected is not None and expected.name == value.field.name:
        return True
    elif attitude in ("okay", "allow"):
        reading.allowed_values.append(pair)
    else:
        return attitude not in ("seen", "pass")
    return False


def _groups(values: Sequence[Valued], tokens: Sequence[Token]) -> list[tuple[list[Valued], bool]]:
    """Group neighbours of one field and polarity; the flag tells whether any one of them will do."""
    groups: list[tuple[list[Valued], bool]] = []
    for value in values:
        if groups and _joins(groups[-1][0][-1], value, tokens):
            group, any_of = groups[-1]
            between = {t.text for t in tokens[group[-1].element.end : value.element.start]}
            groups[-1] = ([*group, value], any_of or bool(between & _OR))
        else:
            groups.append(([value], False))
    return groups


def _joins(first: Valued, second: Valued, tokens: Sequence[Token]) -> bool:
    alike = first.field.name == second.field.name and first.negated == second.negated
    alike = alike and first.frame.soft == second.frame.soft and first.frame.complaint == second.frame.complaint
    alike = alike and first.frame.sentence == second.frame.sentence
    between = [t.text for t in tokens[first.element.end : second.element.start]]
    return alike and all(t in _LINKING or not t.isalpha() for t in between) and ";" not in between


_LINKING = word_set(
    "and or nor the a an any some either both also in from with on by not no too rated maybe even perhaps"
)


def _state(
    group: list[Valued], any_of: bool, parts: Parts, words: Vocabulary, reading: Reading, asked_for: set[str]
) -> None:
    first = group[0]
    field, attitude = first.field, first.frame.attitude
    values = list(dict.fromkeys(str(v.value) for v in group))
    text = _said(group, parts, reading.text)
    if field.type == "boolean":
        positive = not first.negated
        wanted = Constraint(field=field.name, op="==", value=positive)
        reading.stated.append(
            Stated(wanted, text, not first.frame.soft, doubted=first.element.start in parts.scope.doubted)
        )
        return
    if not first.negated and field.name in words.catalog.policy.ask_first and not first.frame.soft:
        extends = any(t.text in ("also", "too") for t in parts.tokens)
        reading.answered.append(Answered(field.name, tuple(values), text, extends))
        return
    hard = not first.frame.soft
    if attitude == "like" and field.name in asked_for:
        reading.notes.append(f"I left {text!r} aside, since you ask for something else now.")
        return
    if attitude == "like" and (first.frame.past or asked_for):
        hard = False
    any_of = any_of or attitude in ("have", "like")
    for constraint in constraints(field, values, negated=first.negated, any_of=any_of):
        reading.stated.append(Stated(constraint, text, hard, doubted=first.element.start in parts.scope.doubted))
    if len(group) > 1 and first.negated and _adjacent(group):
        reading.notes.append(f"I ruled out each of {', '.join(map(repr, values))}, not only both together.")


def _adjacent(group: Sequence[Valued]) -> bool:
    return any(a.element.end == b.element.start for a, b in pairwise(group))


def constraints(field: FieldDescription, values: Sequence[str], *, negated: bool, any_of: bool) -> list[Constraint]:
    """Spell values of a field as constraints: tags can hold several at once, a category only one."""
    many: list[Scalar] = [*values]
    if field.type == "tags":
        if negated:
            return [Constraint(field=field.name, op="not_contains", value=value) for value in values]
        if any_of and len(values) > 1:
            return [Constraint(field=field.name, op="contains_any", value=many)]
        return [Constraint(field=field.name, op="contains", value=value) for value in values]
    single: Op = "!=" if negated else "=="
    several: Op = "not_in" if negated else "in"
    if len(values) == 1:
        return [Constraint(field=field.name, op=single, value=values[0])]
    return [Constraint(field=field.name, op=several, value=many)]


def _said(group: Sequence[Valued], parts: Parts, text: str) -> str:
    return said(parts, group[0].element.start, group[-1].element.end, text)


def said(parts: Parts, start: int, end: int, text: str) -> str:
    """Return the user's own words around token positions `start` to `end`: back to the stretch's beginning."""
    chunk = parts.scope.frames[start].chunk
    first = start
    while first > 0 and start - first < 8 and parts.scope.frames[first - 1].chunk == chunk:
        if not (parts.tokens[first - 1].is_word or parts.tokens[first - 1].is_number):
            break
        first -= 1
    return text[parts.tokens[first].start : parts.tokens[end - 1].end]
