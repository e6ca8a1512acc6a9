"""The verifier: structure before words. What the trace does not hold is reported for one repair, then cut."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.ground import Ground
from concierge_agent.prose import Prose

LOOKUPS = ("get_item_details", "explain_recommendation", "check_availability", "get_user_history", "record_feedback")
"""Tools whose results may be spoken of without being recommendations."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a draft that nothing proves."""

    code: str
    """unknown_item, repeated_item, false_claim, foreign_claim, generated_claim, or a code of `prose.Fault`."""
    where: str
    """"opening", "closing", or the item's id."""
    text: str
    """What is wrong and what to do, for the writer's repair."""
    sentence: str | None = None
    claim: Claim | None = None

    def __str__(self) -> str:
        return f"[{self.code}] {self.where}: {self.text}"


def presentable(material: Material) -> dict[str, str]:
    """Return the ids and titles a draft may list: what was shown, or without a showing what was looked up."""
    if material.shown is not None:
        items = (material.shown.result or {}).get("items", [])
        return {item["id"]: item["title"] for item in items}
    lookups = [call for call in material.calls if call.tool in LOOKUPS]
    return Ground.of(lookups).titles


def check(draft: Draft, material: Material) -> tuple[Problem, ...]:
    """Return everything in `draft` that the material does not prove; empty when it may be said as it stands."""
    ground = Ground.of(material.calls)
    allowed = presentable(material)
    prose = _prose(draft, material, ground)
    problems: list[Problem] = []
    listed: set[str] = set()
    for item in draft.items:
        if item.id not in allowed:
            problems.append(
                Problem("unknown_item", item.id, f"Item {item.id!r} is not to be presented; {_choices(allowed)}.")
            )
        elif item.id in listed:
            problems.append(Problem("repeated_item", item.id, f"Item {item.id!r} is listed twice."))
        else:
            listed.add(item.id)
            false = _false_claims(item, material, ground)
            problems += false
            problems += _told_in_words(item, false, prose)
            problems += _false_sentences(prose, item.id, item.reason, item.id)
    problems += _false_sentences(prose, "opening", draft.opening)
    problems += _false_sentences(prose, "closing", draft.closing)
    return tuple(problems)


def cut(draft: Draft, problems: Iterable[Problem], material: Material) -> Draft:
    """Return `draft` without the items, claims and sentences that `problems` name."""
    problems = tuple(problems)
    unknown = {p.where for p in problems if p.code == "unknown_item"}
    false = {(p.where, p.sentence) for p in problems if p.sentence is not None}
    claims = [p.claim for p in problems if p.claim is not None]
    prose = _prose(draft, material, Ground.of(material.calls))

    def kept(where: str, text: str) -> str:
        if not any(place == where for place, _ in false):
            return text
        return " ".join(s for s in prose.sentences(text) if (where, s) not in false)

    items: dict[str, DraftItem] = {}
    for item in draft.items:
        if item.id not in unknown and item.id not in items:
            proven = tuple(c for c in item.claims if c not in claims)
            items[item.id] = DraftItem(id=item.id, reason=kept(item.id, item.reason), claims=proven)
    return Draft(
        opening=kept("opening", draft.opening), items=tuple(items.values()), closing=kept("closing", draft.closing)
    )


def proven_text(text: str, material: Material) -> tuple[str, tuple[str, ...]]:
    """Return a free text without its unproven sentences, and what was wrong with those."""
    draft = Draft(opening=text)
    problems = check(draft, material)
    return cut(draft, problems, material).opening, tuple(str(problem) for problem in problems)


def _prose(draft: Draft, material: Material, ground: Ground) -> Prose:
    allowed = presentable(material)
    subjects = [item.id for item in draft.items if item.id in allowed] or list(allowed)
    return Prose(material, ground, subjects, speakable=allowed)


def _false_claims(item: DraftItem, material: Material, ground: Ground) -> list[Problem]:
    problems = []
    for claim in item.claims:
        field = material.context.catalog.field(claim.name)
        said = f"{claim.name} = {claim.value!r}"
        if claim.item_id != item.id:
            text = f"The claim {said} is about {claim.item_id!r}; claims belong to the item they are listed under."
            problems.append(Problem("foreign_claim", item.id, text, claim=claim))
        elif field is not None and field.generated:
            text = f"{claim.name!r} was written by a model and may not be stated as a fact."
            problems.append(Problem("generated_claim", item.id, text, claim=claim))
        elif ground.find(item.id, claim.name, claim.value) is None:
            known = ground.value(item.id, claim.name)
            told = f"the trace says {known!r}" if known is not None else "no result holds it"
            problems.append(Problem("false_claim", item.id, f"Nothing proves {said}: {told}.", claim=claim))
    return problems


def _told_in_words(item: DraftItem, false: list[Problem], prose: Prose) -> list[Problem]:
    """Return the sentences of an item's reason that state in words what a false claim of it states as data."""
    found = []
    for problem in false:
        value = problem.claim.value if problem.claim is not None else None
        texts = [str(part) for part in (value if isinstance(value, list) else [value]) if not isinstance(part, bool)]
        for sentence in prose.sentences(item.reason):
            if any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", sentence, re.IGNORECASE) for text in texts if text):
                found.append(Problem(problem.code, item.id, f"It is said in {sentence!r}, too.", sentence=sentence))
    return found


def _false_sentences(prose: Prose, where: str, text: str, item_id: str | None = None) -> list[Problem]:
    return [
        Problem(fault.code, where, fault.text, sentence=sentence)
        for sentence in prose.sentences(text)
        for fault in prose.faults(sentence, item_id)
    ]


def _choices(allowed: dict[str, str]) -> str:
    return f"the items are {', '.join(map(repr, allowed))}" if allowed else "there are no items to present"
