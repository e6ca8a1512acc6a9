"""Explanations as clients see them: reasons with evidence, and the arithmetic of the score in its layers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from concierge_server.desk import Desk, Snapshot
from concierge_server.eligibility import eligible
from concierge_server.principal import principal
from concierge_server.results import Contribution, Evidence, Explanation, Reason
from concierge_server.risk import barred_for, with_risk
from concierge_server.subject import subject_of
from concierge_tools import explain as explaining
from concierge_tools.data import filters as filter_engine
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import InputError
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.recommenders.recommender import Profile

SHARES = 5
"""How many history items a member's score is split into here, by size; the rest is one sum."""
REST = "the rest of the profile"


def explain_items(
    desk: Desk, snapshot: Snapshot, positions: Sequence[int], recipe: Mapping[str, Any]
) -> list[Explanation]:
    """Explain items as `recipe` retrieved them: its user, tastes, filters, query, seeds and model.

    What the recipe names and a newer catalog no longer has is passed over.
    """
    if not positions:
        return []
    catalog = snapshot.catalog
    liked = [item_id for item_id in recipe.get("liked", []) if item_id in catalog]
    disliked = [item_id for item_id in recipe.get("disliked", []) if item_id in catalog]
    constraints = _still_valid(snapshot, recipe.get("filters", []))
    seeds = [catalog.position(item_id) for item_id in recipe.get("seeds", []) if item_id in catalog]
    subject = subject_of(desk, snapshot, recipe.get("user_id"), liked, disliked)
    taste = subject.profile if recipe["ordered_by"] == "taste" else Profile.empty()
    by_likeness = bool(seeds) and recipe["ordered_by"] == "likeness"
    barred = barred_for(desk, snapshot, subject) if recipe["ordered_by"] == "taste" else None
    model = recipe.get("model", "blend")
    model = model if model in snapshot.retrieval.models else "blend"
    breakdowns: Sequence[Breakdown | None] = [None] * len(positions)
    if by_likeness or len(taste):
        within = _members(desk, snapshot, recipe.get("within"))
        who = None if by_likeness else subject
        mask, _ = eligible(snapshot, constraints, exclude=recipe.get("exclude", []), subject=who, within=within)
        if by_likeness:
            breakdowns = snapshot.retrieval.explain_similar(positions, seeds, eligible=mask, model=model)
        else:
            breakdowns = snapshot.retrieval.explain_all(
                positions,
                taste,
                eligible=mask,
                model=model,
                diversity=recipe.get("diversity", 0.0),
                calibration=recipe.get("calibration", 0.0),
                barred=barred,
            )
    explanations = [
        _explanation(
            snapshot,
            position,
            breakdown,
            explaining.explain(
                catalog,
                position,
                breakdown=None if by_likeness else breakdown,
                profile=taste if len(taste) else None,
                constraints=constraints,
                query=recipe.get("query"),
                seeds=seeds,
                popularity=snapshot.artifact.popularity,
                verb=_verb(snapshot),
            ),
        )
        for position, breakdown in zip(positions, breakdowns, strict=True)
    ]
    return with_risk(desk, snapshot, subject, positions, explanations, barred)


def _members(desk: Desk, snapshot: Snapshot, handle: str | None) -> NDArray[np.int32] | None:
    """Return the positions of a set that the items were ranked within, or None for the whole catalog."""
    if handle is None:
        return None
    try:
        ids = desk.bus.get(principal(), handle).item_ids
    except InputError:  # it has expired since
        return None
    return np.asarray([snapshot.catalog.position(i) for i in ids if i in snapshot.catalog], dtype=np.int32)


def _still_valid(snapshot: Snapshot, recorded: Sequence[Mapping[str, Any]]) -> list[Constraint]:
    """Return a recipe's filters in the catalog's spelling, without those that a newer catalog no longer knows."""
    valid: list[Constraint] = []
    for constraint in recorded:
        try:
            valid += filter_engine.check(snapshot.catalog, [Constraint.model_validate(constraint)])
        except InputError:
            continue
    return valid


def _explanation(
    snapshot: Snapshot, position: int, breakdown: Breakdown | None, found: explaining.Explanation
) -> Explanation:
    return Explanation(
        id=snapshot.catalog.ids[position],
        title=snapshot.catalog.titles[position],
        short=found.short,
        detailed=found.detailed,
        reasons=[Reason(kind=r.kind, text=r.text, evidence=[_evidence(e) for e in r.evidence]) for r in found.reasons],
        contributions=[] if breakdown is None else _contributions(snapshot, breakdown),
        score=None if breakdown is None or breakdown.score is None else round(breakdown.score, 8),
        evidence=[_evidence(e) for e in found.evidence],
    )


def _contributions(snapshot: Snapshot, breakdown: Breakdown) -> list[Contribution]:
    result = [
        Contribution(layer="fusion", signal=t.member, model=t.member, value=round(t.value, 8), rank=t.rank)
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


def _evidence(evidence: explaining.Evidence) -> Evidence:
    return Evidence(item_id=evidence.item_id, source=evidence.source, name=evidence.name, value=evidence.value)


def _verb(snapshot: Snapshot) -> str:
    log = snapshot.artifact.config.interactions
    if log is not None and log.positive is not None:
        return "liked"
    return "noticed" if log is not None and log.weights else "chosen"
