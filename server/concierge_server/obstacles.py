"""Obstacles: what keeps an item out of a list, in the order in which it is checked, and whose rule each is."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import numpy as np

from concierge_server.description import as_result
from concierge_server.desk import Desk, Snapshot
from concierge_server.explained import Evidence, KeptOut, MemberRank, Obstacle
from concierge_server.explanations import as_evidence
from concierge_server.listing import Listing, Recipe, members
from concierge_server.searched import SEARCHES, searched
from concierge_server.subject import Subject
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.phrases import constraint_words, field_words, value_words
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.ranking.ranking import POOL
from concierge_tools.reasons import fact, failing

Rule = Literal["store", "user", "request", "ranking"]


def barred(
    desk: Desk,
    snapshot: Snapshot,
    recipe: Recipe,
    listed: Listing,
    position: int,
    standing: Collection[Constraint],
) -> list[KeptOut]:
    """Return everything that keeps an item out of the race, whatever its score; empty when it is in it."""
    item_id = snapshot.catalog.ids[position]
    found = list(_by_name(snapshot, recipe, listed.subject, position, item_id))
    found += _by_words(desk, snapshot, recipe, position)
    for constraint in filter_engine.unmet(snapshot.catalog, position, snapshot.policy.require):
        found.append(_unmet(snapshot, position, constraint, "policy", "store"))
    for constraint in unmet_once(snapshot, position, recipe):
        rule: Rule = "user" if constraint in standing else "request"
        found.append(_unmet(snapshot, position, constraint, "filter", rule))
    within = members(desk, snapshot, recipe.within)
    if within is not None and position not in within:
        found.append(KeptOut(kind="set", text="it is not in the set that the list was chosen from", rule="request"))
    if listed.barred is not None and listed.barred[position]:
        text = "risk control leaves it out, as too likely to be turned down"
        found.append(KeptOut(kind="risk", text=text, rule="store"))
    return found


def unmet_once(snapshot: Snapshot, position: int, recipe: Recipe) -> list[Constraint]:
    """Return the conditions of a list that an item does not meet, each once."""
    found: list[Constraint] = []
    for constraint in filter_engine.unmet(snapshot.catalog, position, recipe.stated):
        if constraint not in found:
            found.append(constraint)
    return found


def _by_name(
    snapshot: Snapshot, recipe: Recipe, subject: Subject | None, position: int, item_id: str
) -> Iterator[KeptOut]:
    if subject is not None and snapshot.policy.exclude_history and position in subject.consumed:
        yield KeptOut(kind="had", text="you have had it, and the store does not recommend that again", rule="store")
    if item_id in recipe.disliked:
        yield KeptOut(kind="disliked", text="you said that you dislike it", rule="request")
    elif subject is not None and position in subject.disliked:
        yield KeptOut(kind="disliked", text="you told the store that you dislike it", rule="user")
    if item_id in recipe.seeds and recipe.ordered_by == "likeness":
        yield KeptOut(kind="seed", text="it is what the others are to be like", rule="request")
    elif recipe.without_liked and item_id in recipe.liked:
        yield KeptOut(kind="liked", text="you said that you like it, so it is nothing new to you", rule="request")
    if item_id in (*recipe.exclude, *recipe.without) and item_id not in recipe.seeds:
        yield KeptOut(kind="excluded", text="the request left it out by name", rule="request")


def _by_words(desk: Desk, snapshot: Snapshot, recipe: Recipe, position: int) -> Iterator[KeptOut]:
    """Yield why a search does not find an item: it is what the query names as like what is sought, or not met by it."""
    answered = searched(desk, snapshot, recipe) if recipe.ordered_by == "search" else None
    if answered is None or answered.breakdown(position).score is not None:
        return
    if position in answered.answer.understanding.likes:
        yield KeptOut(kind="seed", text="it is what the others are to be like", rule="request")
    else:
        yield KeptOut(kind="words", text=_unfound(recipe), rule="request")


def _unfound(recipe: Recipe) -> str:
    return f"the search for “{recipe.query}” does not find it"


def _unmet(snapshot: Snapshot, position: int, constraint: Constraint, kind: Obstacle, rule: Rule) -> KeptOut:
    catalog = snapshot.catalog
    field, value = catalog.field(constraint.field), catalog.value(constraint.field, position)
    reason = next(failing(catalog, position, [constraint]))
    text = reason.text
    if kind == "policy":
        known = f" (it is {value_words(field, value)})" if field.type != "text" else ""
        text = f"the store requires {field_words(field.name)}: {constraint_words(field, [constraint])}{known}"
    elif rule == "user":
        text = f"{text}, which is a rule of yours for everything"
    return KeptOut(
        kind=kind,
        text=text,
        rule=rule,
        constraint=as_result(constraint),
        value=value,
        evidence=as_evidence(snapshot, [fact(catalog, position, constraint.field)]),
    )


def outranked(
    snapshot: Snapshot, recipe: Recipe, listed: Listing, position: int, breakdown: Breakdown | None, *, n: int
) -> list[KeptOut]:
    """Return why an item that is in the race is not among the first n: what models make of it, and its place."""
    item_id, place = snapshot.catalog.ids[position], listed.place(position)
    if place is None and breakdown is not None:
        place = breakdown.rank
    found = []
    if breakdown is not None and breakdown.score is None and recipe.ordered_by in SEARCHES:
        found.append(KeptOut(kind="words", text=_unfound(recipe), rule="request"))
    elif breakdown is not None and breakdown.score is None:
        people = int(snapshot.artifact.popularity.people[position])
        text = (
            "nothing in your taste speaks for it"
            if people
            else "nobody has chosen it yet, so that what people choose says nothing of it"
        )
        proof = Evidence(item_id=item_id, source="statistic", name="people", value=people)
        found.append(KeptOut(kind="unknown_taste", text=text, rule="ranking", evidence=[proof]))
    score = breakdown.score if breakdown is not None else _score(listed, place)
    nth = _score(listed, n)
    ranks = _members(snapshot, recipe, breakdown)
    of = listed.total
    where = f"{place:,}" if place is not None else f"after the first {POOL:,}"
    text = f"it ranks {where} of {of:,} in this list"
    if place is None and listed.ranking.matched <= POOL:
        text = f"it is not among the {of:,} of this list"
    if score is not None and nth is not None:
        text += f" with a score of {score:.4g}, number {n} has {nth:.4g}"
    if len(ranks) > 1:
        told = [f"{m.model} {f'rank {m.rank:,}' if m.rank else 'no rank'}" for m in ranks]
        text += f" ({', '.join(told)})"
    statistics = [("rank", place), ("in_race", of), ("score", score), ("nth_score", nth)]
    statistics += [(f"{m.model}_rank", m.rank) for m in ranks]
    return [
        *found,
        KeptOut(
            kind="rank",
            text=text,
            rule="ranking",
            rank=place,
            of=of,
            score=None if score is None else round(score, 8),
            nth_score=None if nth is None else round(nth, 8),
            members=ranks,
            evidence=[
                Evidence(item_id=item_id, source="statistic", name=name, value=_plain(value))
                for name, value in statistics
                if value is not None
            ],
        ),
    ]


def _score(listed: Listing, place: int | None) -> float | None:
    scores = listed.ranking.scores
    if place is None or place > len(scores) or np.isnan(scores[place - 1]):
        return None
    return float(scores[place - 1])


def _members(snapshot: Snapshot, recipe: Recipe, breakdown: Breakdown | None) -> list[MemberRank]:
    if breakdown is None:
        return []
    ranks: dict[str, int | None] = {t.member: t.rank for t in breakdown.terms if t.rank}
    blend: Sequence[str] = snapshot.artifact.blend if recipe.model == "blend" and recipe.ordered_by == "taste" else []
    if breakdown.members or not ranks:
        ranks = dict.fromkeys(blend) | ranks
    return [MemberRank(model=name, rank=rank) for name, rank in ranks.items()]


def _plain(value: float | int) -> float | int:
    return round(value, 8) if isinstance(value, float) else value
