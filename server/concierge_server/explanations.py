"""Explanations as clients see them: reasons with evidence, and the arithmetic of the score in its layers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.explained import Contribution, Evidence, Explanation, Reason
from concierge_server.listing import Recipe, members
from concierge_server.risk import barred_for, with_risk
from concierge_server.searched import SEARCHES, searched
from concierge_server.subject import subject_of
from concierge_tools import explain as explaining
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.reasons import WEIGHED
from concierge_tools.reasons import Evidence as Proof
from concierge_tools.recommenders.recommender import Profile

SHARES = 5
"""How many history items a member's score is split into here, by size; the rest is one sum."""
REST = "the rest of the profile"


def explain_items(
    desk: Desk,
    snapshot: Snapshot,
    positions: Sequence[int],
    recipe: Mapping[str, Any] | Recipe,
    breakdowns: Mapping[int, Breakdown] | None = None,
) -> list[Explanation]:
    """Explain items as `recipe` retrieved them: its user, tastes, filters, query, seeds and model.

    What the recipe names and a newer catalog no longer has is passed over. `breakdowns` are those of the items, where
    they were made before.
    """
    if not positions:
        return []
    catalog = snapshot.catalog
    asked = recipe if isinstance(recipe, Recipe) else Recipe.of(snapshot, recipe)
    subject = subject_of(desk, snapshot, asked.user_id, asked.liked, asked.disliked)
    taste = subject.profile if asked.ordered_by == "taste" else Profile.empty()
    seeds = [catalog.position(item_id) for item_id in asked.seeds]
    if breakdowns is None:
        breakdowns = break_down(desk, snapshot, positions, asked)
    found = searched(desk, snapshot, asked)
    by_taste = asked.ordered_by not in ("likeness", *SEARCHES)
    lately = _by_trend(asked, subject.profile)
    explanations = [
        _explanation(
            snapshot,
            position,
            breakdowns.get(position),
            explaining.explain(
                catalog,
                position,
                breakdown=breakdowns.get(position) if by_taste else None,
                profile=taste if len(taste) else None,
                constraints=[*asked.stated, *(found.answer.met(catalog, position) if found else ())],
                query=found.answer.words(position) if found else asked.query,
                meaning=found.answer.likeness(position) if found else None,
                seeds=[*seeds, *(found.answer.like(position) if found else ())],
                popularity=snapshot.artifact.popularity,
                verb=_verb(snapshot),
                lately=lately,
            ),
        )
        for position in positions
    ]
    barred = barred_for(desk, snapshot, subject) if asked.ordered_by == "taste" else None
    return with_risk(desk, snapshot, subject, positions, explanations, barred)


def break_down(desk: Desk, snapshot: Snapshot, positions: Sequence[int], asked: Recipe) -> dict[int, Breakdown]:
    """Break down the scores that a list by taste, likeness or a query gives items; empty for other lists.

    An item that is not in the race is broken down as if it alone had been let in.
    """
    if asked.ordered_by in SEARCHES:
        found_again = searched(desk, snapshot, asked)
        return {} if found_again is None else {p: found_again.breakdown(p) for p in positions}
    by_likeness = bool(asked.seeds) and asked.ordered_by == "likeness"
    if not by_likeness and asked.ordered_by != "taste":
        return {}
    subject = None if by_likeness else subject_of(desk, snapshot, asked.user_id, asked.liked, asked.disliked)
    within = members(desk, snapshot, asked.within)
    mask, _ = eligible(snapshot, asked.constraints, exclude=asked.left_out, subject=subject, within=within)
    barred = barred_for(desk, snapshot, subject) if subject is not None else None
    racing = mask if barred is None else mask & ~barred
    inside = [position for position in positions if racing[position]]
    breakdowns: dict[int, Breakdown] = {}
    for group in [inside, *([position] for position in positions if not racing[position])]:
        if group and subject is None:
            seeds = [snapshot.catalog.position(item_id) for item_id in asked.seeds]
            found = snapshot.retrieval.explain_similar(group, seeds, eligible=mask, model=asked.model)
        elif group and subject is not None:
            found = snapshot.retrieval.explain_all(
                group,
                subject.profile,
                eligible=mask,
                model=asked.model,
                diversity=asked.diversity,
                calibration=asked.calibration,
                barred=barred,
            )
        else:
            continue
        breakdowns |= dict(zip(group, found, strict=True))
    return breakdowns


def _by_trend(asked: Recipe, profile: Profile) -> bool:
    """Tell whether the list was ordered by what was chosen lately, in the window that `fit` chose."""
    if asked.model != "blend":
        return False
    return (asked.ordered_by == "trending" and asked.window_days is None) or (
        asked.ordered_by == "taste" and not len(profile)
    )


def _explanation(
    snapshot: Snapshot, position: int, breakdown: Breakdown | None, found: explaining.Explanation
) -> Explanation:
    return Explanation(
        id=snapshot.catalog.ids[position],
        title=snapshot.catalog.titles[position],
        short=found.short,
        detailed=found.detailed,
        reasons=[Reason(kind=r.kind, text=r.text, evidence=as_evidence(snapshot, r.evidence)) for r in found.reasons],
        contributions=[] if breakdown is None else _contributions(snapshot, breakdown),
        score=None if breakdown is None or breakdown.score is None else round(breakdown.score, 8),
        evidence=as_evidence(snapshot, found.evidence),
    )


def _contributions(snapshot: Snapshot, breakdown: Breakdown) -> list[Contribution]:
    result = [
        Contribution(
            layer=breakdown.layer,
            signal=t.member,
            model=t.member,
            value=round(t.value, 8),
            rank=t.rank or None,
            own=_rounded(breakdown.members.get(t.member)),
        )
        for t in breakdown.terms
    ]
    for member, shares in breakdown.contributions.items():
        ordered = sorted((s for s in shares if s[1] != 0), key=lambda s: (-abs(s[1]), s[0]))
        result += [
            Contribution(layer="member", signal=snapshot.catalog.ids[item], model=member, value=round(value, 8))
            for item, value in ordered[:SHARES]
        ]
        if rest := ordered[SHARES:]:
            value = round(sum(v for _, v in rest), 8)
            result.append(Contribution(layer="member", signal=REST, model=member, value=value))
    if breakdown.calibration:
        shift = round(breakdown.calibration, 8)
        result.append(Contribution(layer="calibration", signal="calibration", model="blend", value=shift))
    if breakdown.diversity:
        shift = round(breakdown.diversity, 8)
        result.append(Contribution(layer="diversity", signal="diversity", model="blend", value=shift))
    return result


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 8)


def as_evidence(snapshot: Snapshot, proofs: Iterable[Proof]) -> list[Evidence]:
    """Return evidence as results carry it: of a field's live value with the time it was set."""
    return [
        Evidence(
            item_id=e.item_id,
            source=e.source,
            name=e.name,
            value=e.value,
            as_of=snapshot.changed_at(e.item_id, [e.name]) if e.source == "field" else None,
        )
        for e in proofs
    ]


def _verb(snapshot: Snapshot) -> str:
    log = snapshot.artifact.config.interactions
    if log is not None and log.positive is not None:
        return "liked"
    return WEIGHED if log is not None and log.weights else "chosen"
