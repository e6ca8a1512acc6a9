"""Explanations: why an item was recommended, as reasons that each point to their proof.

Nothing is said here that the item's fields, the interactions or the arithmetic of its score do not show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rapidfuzz.distance import Levenshtein

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import CategoryColumn, TagsColumn
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.filters import unmet
from concierge_tools.data.phrases import constraint_words, field_words, listed, sentence, value_words
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.words import words

Kind = Literal["matches", "because_you_liked", "similar_to", "popular", "text_match", "filler", "unmet"]

NAMED = 3
"""How many liked items, and how many shared values, a reason names."""
TELLING = 0.2
"""A liked item is named when its share of the score is at least this part of the largest."""
NEGATIONS = ("!=", "not_in", "not_contains")
"""What an item is not is told in full, and in short only where nothing else speaks for it."""
SOUGHT_AFTER = 0.1
"""Popularity speaks for this share of the items; for others it is told only where there is nothing else to say."""
LONGEST_VALUE = 120
"""A longer text is not quoted as evidence; the word found in it is."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The pointer that proves a claim."""

    item_id: str
    """The item that the fact is about."""
    source: Literal["field", "statistic", "contribution", "history"]
    name: str
    """The field, the statistic, or the id of the profile item that contributes."""
    value: FieldValue = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for an item, and its proof."""

    kind: Kind
    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item was recommended."""

    short: str
    """One sentence: what weighs most, and one thing it meets."""
    detailed: str
    """Every reason, a sentence each."""
    reasons: tuple[Reason, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The proof of all the reasons, each once."""
        seen: list[Evidence] = []
        for reason in self.reasons:
            seen += [proof for proof in reason.evidence if proof not in seen]
        return tuple(seen)


def explain(
    catalog: Catalog,
    item: int,
    *,
    breakdown: Breakdown | None = None,
    profile: Profile | None = None,
    constraints: Sequence[Constraint] = (),
    query: str | None = None,
    seeds: Sequence[int] = (),
    popularity: Popularity | None = None,
    verb: str = "liked",
) -> Explanation:
    """Say why an item was recommended.

    Args:
        catalog: With live values laid over.
        item: Its position.
        breakdown: Of its score, when a taste was gone by.
        profile: The taste.
        constraints: What was asked, checked; those that the item does not meet are told first, as such.
        query: The words it was searched by.
        seeds: Positions of the items it should be similar to.
        popularity: How often it was liked.
        verb: What a positive is: "liked", "bought", "chosen".
    """
    leads = [
        *_text_match(catalog, item, query or ""),
        *(_liked(catalog, item, breakdown, profile) if breakdown and profile else ()),
        *(_similar(catalog, item, seeds) if seeds else ()),
    ]
    missed = unmet(catalog, item, constraints)
    matches = list(_matches(catalog, item, constraints, missed))
    wanted = {constraint.field for constraint in constraints if constraint.op not in NEGATIONS}
    telling = [reason for reason in matches if reason.evidence[0].name in wanted]
    failed = list(_failed(catalog, item, missed))
    popular = list(_popular(catalog, item, popularity, verb, alone=not leads and not telling)) if popularity else []
    filler: list[Reason] = []
    if not leads and not failed and breakdown and breakdown.score is None and profile is not None and len(profile):
        what = "it meets what you asked" if matches else "it is listed after what fits your taste"
        known = Evidence(catalog.ids[item], "statistic", "score", None)
        filler = [Reason("filler", f"nothing in your taste speaks for it; {what}", (known,))]
    reasons = [*failed, *leads, *filler, *matches, *popular]
    first = failed or [*leads, *filler, *popular][:1]
    also = [] if filler or failed else telling[: 2 - len(first)] or matches[: 1 - len(first)]
    return Explanation(
        sentence([reason.text for reason in [*first, *also]]),
        " ".join(sentence([reason.text]) for reason in reasons),
        tuple(reasons),
    )


def _failed(catalog: Catalog, item: int, missed: Sequence[Constraint]) -> Iterator[Reason]:
    for name in dict.fromkeys(constraint.field for constraint in missed):
        field, value = catalog.field(name), catalog.value(name, item)
        asked = constraint_words(field, [constraint for constraint in missed if constraint.field == name])
        note = ", as a model described it" if field.generated else ""
        known = f" (it is {value_words(field, value)}{note})" if field.type != "text" else ""
        yield Reason("unmet", f"does not meet {field_words(name)}: {asked}{known}", (_fact(catalog, item, name),))


def _matches(
    catalog: Catalog, item: int, constraints: Sequence[Constraint], missed: Sequence[Constraint]
) -> Iterator[Reason]:
    met: dict[str, list[Constraint]] = {}
    for constraint in constraints:
        said = constraint.value != []  # an empty list asks nothing that could be shown
        if said and constraint not in missed and constraint not in met.setdefault(constraint.field, []):
            met[constraint.field].append(constraint)
    for name, held in met.items():
        if held:
            field = catalog.field(name)
            text = _match_words(field, catalog.value(name, item), held)
            yield Reason("matches", text, (_fact(catalog, item, name),))


def _match_words(field: Field, value: FieldValue, held: Sequence[Constraint]) -> str:
    note = ", as a model described it" if field.generated else ""
    name = field_words(field.name)
    if field.type == "text":
        return f"{name}: {constraint_words(field, held)}{note}"
    if isinstance(value, list):
        asked = {
            str(one)
            for c in held
            if c.op != "not_contains"
            for one in (c.value if isinstance(c.value, list) else [c.value])
        }
        shown = [one for one in value if one in asked]
        without = constraint_words(field, [c for c in held if c.op == "not_contains"])
        return f"{name}: {', '.join([*shown, *([without] if without else [])])}{note}"
    shown_value, asked_words = value_words(field, value), constraint_words(field, held)
    return f"{name}: {shown_value}{note}" + (f" ({asked_words})" if asked_words != shown_value else "")


def _liked(catalog: Catalog, item: int, breakdown: Breakdown, profile: Profile) -> Iterator[Reason]:
    shares = breakdown.liked(set(profile.items[profile.weights > 0].tolist()))
    if not shares:
        return
    largest = max(shares.values())
    chosen = [liked for liked, share in shares.items() if share >= TELLING * largest][:NAMED]
    told = set(profile.items[: profile.stated].tolist())
    said = [catalog.titles[liked] for liked in chosen if liked in told]
    earlier = [catalog.titles[liked] for liked in chosen if liked not in told]
    clauses = [f"because you liked {listed(said)}"] if said else []
    clauses += [f"because of {listed(earlier)} in your history"] if earlier else []
    evidence = [
        proof
        for liked in chosen
        for proof in (
            Evidence(catalog.ids[item], "contribution", catalog.ids[liked], round(shares[liked], 8)),
            _fact(catalog, liked, "title"),
        )
    ]
    yield Reason("because_you_liked", " and ".join(clauses), tuple(evidence))
    if any(term.member == Content.name for term in breakdown.terms):
        yield from _similar(catalog, item, chosen)


def _similar(catalog: Catalog, item: int, seeds: Sequence[int]) -> Iterator[Reason]:
    shared = [
        (field.name, values)
        for field in catalog.fields
        if field.role != "image" and not field.generated and (values := _shared(catalog, field.name, item, seeds))
    ]
    named = [value for _, values in shared for value in values][: 2 * NAMED]
    titles = listed([catalog.titles[seed] for seed in seeds[:NAMED]])
    evidence = [_fact(catalog, seed, "title") for seed in seeds[:NAMED]]
    evidence += [_fact(catalog, item, name) for name, _ in shared]
    yield Reason("similar_to", f"similar to {titles}" + (f": {', '.join(named)}" if named else ""), tuple(evidence))


def _popular(catalog: Catalog, item: int, popularity: Popularity, verb: str, *, alone: bool) -> Iterator[Reason]:
    people = int(popularity.people[item])
    rank = popularity.rank(item) if people else len(catalog)
    if not people or (rank > SOUGHT_AFTER * len(catalog) and not alone):
        return
    who = "1 person" if people == 1 else f"{people:,} people"
    item_id = catalog.ids[item]
    yield Reason(
        "popular",
        f"{verb} by {who}, number {rank:,} of {len(catalog):,}",
        (
            Evidence(item_id, "statistic", f"{verb}_by", people),
            Evidence(item_id, "statistic", "popularity_rank", rank),
            Evidence(item_id, "statistic", "items", len(catalog)),
        ),
    )


def _text_match(catalog: Catalog, item: int, query: str) -> Iterator[Reason]:
    asked = list(dict.fromkeys(words(query)))
    telling = [word for word in asked if word not in STOP_WORDS] or asked
    found: list[tuple[str, Evidence]] = []
    for word in telling:
        hit = next((hit for name in _searched(catalog) if (hit := _occurrence(catalog, item, name, word))), None)
        if hit is not None:
            name, token, value = hit
            as_written = f"“{word}”" if token == word else f"“{token}” for “{word}”"
            found.append((f"{as_written} in {field_words(name)}", Evidence(catalog.ids[item], "field", name, value)))
    if found:
        yield Reason("text_match", f"found {listed([text for text, _ in found])}", tuple(proof for _, proof in found))


def _searched(catalog: Catalog) -> list[str]:
    kinds: dict[str, list[str]] = {"tags": [], "category": [], "text": []}
    for field in catalog.fields:
        if field.type in kinds and field.role != "image":
            kinds[field.type].append(field.name)
    return ["title", *kinds["tags"], *kinds["category"], *kinds["text"]]


def _occurrence(catalog: Catalog, item: int, name: str, word: str) -> tuple[str, str, str] | None:
    """Return the field, the word there and the value around it; of a long text just the word."""
    value = catalog.value(name, item)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            for token in words(one):
                if _same(word, token):
                    return name, token, one if len(one) <= LONGEST_VALUE else token
    return None


def _same(word: str, token: str) -> bool:
    if word == token:
        return True
    if min(len(word), len(token)) < 4:
        return len(word) == 3 and token.startswith(word)
    if token.startswith(word) or (word.startswith(token) and len(word) - len(token) <= 3):
        return True
    return Levenshtein.distance(word, token, score_cutoff=1) <= 1


def _shared(catalog: Catalog, name: str, item: int, others: Sequence[int]) -> list[str]:
    """Return the item's values of a field that all the others have too, but less than half of the catalog."""
    column = catalog.column(name)
    if not isinstance(column, TagsColumn | CategoryColumn):
        return []
    frequent = {column.values[code] for code in np.flatnonzero(column.counts >= max(2, len(catalog) / 2))}
    own, *rest = (_as_list(column.value(one)) for one in (item, *others))
    return [value for value in own if value not in frequent and all(value in other for other in rest)]


def _as_list(value: list[str] | str | None) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _fact(catalog: Catalog, item: int, name: str) -> Evidence:
    return Evidence(catalog.ids[item], "field", name, catalog.value(name, item))
