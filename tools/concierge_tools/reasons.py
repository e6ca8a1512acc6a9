"""Reasons: what speaks for an item and what does not, each with the proof that the data shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.columns import CategoryColumn, TagsColumn
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.phrases import constraint_words, field_words, listed, value_words
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.text.english import STOP_WORDS
from concierge_tools.text.occurrences import occurrence, searched
from concierge_tools.text.words import words

Kind = Literal["matches", "because_you_liked", "similar_to", "popular", "text_match", "meaning", "filler", "unmet"]

NAMED = 3
"""How many liked items, and how many shared values, a reason names."""
TELLING = 0.2
"""A liked item is named when its share of the score is at least this part of the largest."""
SOUGHT_AFTER = 0.1
"""Popularity speaks for this share of the items; for others it is told only where there is nothing else to say."""

WEIGHED = "noticed"
"""The verb of logs whose events have weights, so that a sum of them counts nobody."""


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


def failing(catalog: Catalog, item: int, missed: Sequence[Constraint]) -> Iterator[Reason]:
    """Yield, for each field of the conditions missed, what was asked and what the item has."""
    for name in dict.fromkeys(constraint.field for constraint in missed):
        field, value = catalog.field(name), catalog.value(name, item)
        asked = constraint_words(field, [constraint for constraint in missed if constraint.field == name])
        note = ", as a model described it" if field.generated else ""
        known = f" (it is {value_words(field, value)}{note})" if field.type != "text" else ""
        yield Reason("unmet", f"does not meet {field_words(name)}: {asked}{known}", (fact(catalog, item, name),))


def meeting(
    catalog: Catalog, item: int, constraints: Sequence[Constraint], missed: Sequence[Constraint]
) -> Iterator[Reason]:
    """Yield, for each field, the conditions on it that the item meets."""
    met: dict[str, list[Constraint]] = {}
    for constraint in constraints:
        said = constraint.value != []  # an empty list asks nothing that could be shown
        if said and constraint not in missed and constraint not in met.setdefault(constraint.field, []):
            met[constraint.field].append(constraint)
    for name, held in met.items():
        if held:
            field = catalog.field(name)
            text = _match_words(field, catalog.value(name, item), held)
            yield Reason("matches", text, (fact(catalog, item, name),))


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


def liking(catalog: Catalog, item: int, breakdown: Breakdown, profile: Profile) -> Iterator[Reason]:
    """Yield the liked items that weigh most in the score, each with its share; none is a reason for itself."""
    shares = breakdown.liked(set(profile.items[profile.weights > 0].tolist()))
    others = {liked: share for liked, share in shares.items() if liked != item}
    if not others:
        return
    largest = max(others.values())
    chosen = [liked for liked, share in others.items() if share >= TELLING * largest][:NAMED]
    told = set(profile.items[: profile.stated].tolist())
    named = {liked: _with_share(catalog, item, liked, shares) for liked in chosen}
    said = [words for liked, words in named.items() if liked in told]
    earlier = [words for liked, words in named.items() if liked not in told]
    clauses = [f"because you liked {listed(said)}"] if said else []
    clauses += [f"because of {listed(earlier)} in your history"] if earlier else []
    evidence = [
        proof
        for liked in chosen
        for proof in (
            Evidence(catalog.ids[item], "contribution", catalog.ids[liked], round(shares[liked], 8)),
            *_percentage(catalog, item, liked, shares),
            fact(catalog, liked, "title"),
        )
    ]
    yield Reason("because_you_liked", " and ".join(clauses), tuple(evidence))
    if any(term.member == Content.name and term.value > 0 for term in breakdown.terms):
        yield from likeness(catalog, item, chosen)


def _with_share(catalog: Catalog, item: int, liked: int, shares: Mapping[int, float]) -> str:
    """Return a liked item's title with its part of the score, or with what both are where it is the whole score."""
    for proof in _percentage(catalog, item, liked, shares):
        return f"{catalog.titles[liked]} ({proof.value}%)"
    both = [value for field in _told(catalog) for value in _shared(catalog, field.name, item, [liked])][:NAMED]
    return f"{catalog.titles[liked]} (both {listed(both)})" if both else catalog.titles[liked]


def _percentage(catalog: Catalog, item: int, liked: int, shares: Mapping[int, float]) -> list[Evidence]:
    """Return a liked item's part of the score in percent; nothing where it is all of it, or next to none."""
    part = round(100 * shares[liked] / sum(shares.values()))
    if len(shares) == 1 or not part:
        return []
    return [Evidence(catalog.ids[item], "statistic", f"percent_from_{catalog.ids[liked]}", part)]


def likeness(catalog: Catalog, item: int, seeds: Sequence[int]) -> Iterator[Reason]:
    """Yield what the item shares with all of the given ones."""
    shared = [(field.name, values) for field in _told(catalog) if (values := _shared(catalog, field.name, item, seeds))]
    named = [value for _, values in shared for value in values][: 2 * NAMED]
    titles = listed([catalog.titles[seed] for seed in seeds[:NAMED]])
    evidence = [fact(catalog, seed, "title") for seed in seeds[:NAMED]]
    evidence += [fact(catalog, item, name) for name, _ in shared]
    yield Reason("similar_to", f"similar to {titles}" + (f": {', '.join(named)}" if named else ""), tuple(evidence))


def popular(catalog: Catalog, item: int, popularity: Popularity, verb: str, *, alone: bool) -> Iterator[Reason]:
    """Yield how many took the item well, when that is many or stands `alone`."""
    people = int(popularity.people[item])
    rank = popularity.rank(item) if people else len(catalog)
    if not people or (rank > SOUGHT_AFTER * len(catalog) and not alone):
        return
    who = "1 person" if people == 1 else f"{people:,} people"
    item_id = catalog.ids[item]
    yield Reason(
        "popular",
        f"{verb} by {who}, number {rank:,} of {len(catalog):,} of all time",
        (
            Evidence(item_id, "statistic", f"{verb}_by", people),
            Evidence(item_id, "statistic", "popularity_rank", rank),
            Evidence(item_id, "statistic", "items", len(catalog)),
        ),
    )


def text_match(catalog: Catalog, item: int, query: str) -> Iterator[Reason]:
    """Yield where the words of a query stand in the item."""
    asked = list(dict.fromkeys(words(query)))
    telling = [word for word in asked if word not in STOP_WORDS] or asked
    found: list[tuple[str, Evidence]] = []
    for word in telling:
        hit = next((hit for name in searched(catalog) if (hit := occurrence(catalog, item, name, word))), None)
        if hit is not None:
            name, token, value = hit
            as_written = f"“{word}”" if token == word else f"“{token}” for “{word}”"
            found.append((f"{as_written} in {field_words(name)}", Evidence(catalog.ids[item], "field", name, value)))
    if found:
        yield Reason("text_match", f"found {listed([text for text, _ in found])}", tuple(proof for _, proof in found))


def meant(catalog: Catalog, item: int, meaning: float) -> Reason:
    """Return how like a query an item is in meaning, where it holds none of its words."""
    shown = round(meaning, 2)
    proof = Evidence(catalog.ids[item], "statistic", "likeness_of_meaning", shown)
    return Reason("meaning", f"like the query in meaning ({shown:.2f} of 1), not in words", (proof,))


def trend(catalog: Catalog, item: int, popularity: Popularity, verb: str) -> Iterator[Reason]:
    """Yield how the item did in the recent window, in interactions where each weighs 1, else in weight."""
    weight, days = float(popularity.recent[item]), popularity.window_days
    if weight <= 0 or not days:
        return
    rank = 1 + int(np.count_nonzero(popularity.recent > popularity.recent[item]))
    often = f"{verb} {weight:,.0f} times" if weight > 1 else f"{verb} once"
    did = often if verb != WEIGHED else f"weight {weight:,.4g} by what people did"
    yield Reason(
        "popular",
        f"{did} in the last {days:,} days of the log, number {rank:,} of {len(catalog):,}",
        tuple(
            Evidence(catalog.ids[item], "statistic", name, value)
            for name, value in (
                ("recent_weight", round(weight, 4)),
                ("window_days", days),
                ("trending_rank", rank),
                ("items", len(catalog)),
            )
        ),
    )


def _told(catalog: Catalog) -> list[Field]:
    return [field for field in catalog.fields if field.role != "image" and not field.generated]


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


def fact(catalog: Catalog, item: int, name: str) -> Evidence:
    """Return the item's value of a field as evidence."""
    return Evidence(catalog.ids[item], "field", name, catalog.value(name, item))
