"""Why not: what kept an item out of a list, and the smallest change found that brings it in, with its rank then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from concierge_server.changes import CONDITIONS, Alteration, Found, Search
from concierge_server.description import as_result
from concierge_server.desk import Desk, Snapshot
from concierge_server.explained import Change, Evidence, KeptOut, Relaxed, TasteChange, WhyNot
from concierge_server.listing import Listing, Recipe
from concierge_server.obstacles import barred, outranked, unmet_once
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.phrases import constraint_words, field_words, listed, sentence
from concierge_tools.ranking.breakdown import Breakdown

IMMOVABLE = frozenset({"had", "excluded", "seed", "policy", "set", "risk", "words"})
"""What no condition, like or dislike changes."""

_TASTES = {
    "like": "if you also liked {title}",
    "dislike": "if you disliked {title}",
    "take_back_like": "if you had not said that you like {title}",
    "take_back_dislike": "if you had not said that you dislike {title}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that items are missing from."""

    recipe: Recipe
    listing: Listing
    """As it is kept, or as it was just made."""
    anew: Listing | None
    """As the recipe makes it now; None where it cannot be made anew."""
    n: int
    """How many of its items count as recommended."""
    standing: Collection[Constraint] = ()
    """Conditions that are the user's for good and no change touches."""


def why_not(
    desk: Desk, snapshot: Snapshot, asked: Asked, position: int, breakdown: Breakdown | None, *, search: bool = True
) -> WhyNot:
    """Say why an item is not among the first n of a list; with `search`, look for what would bring it in."""
    now = asked.anew or asked.listing
    kept_out = barred(desk, snapshot, asked.recipe, now, position, asked.standing)
    place = asked.anew.place(position) if asked.anew is not None else None
    if not kept_out and place is not None and place <= asked.n:
        text = f"the list was made earlier; made now, it would be number {place} of {now.total:,}"
        kept_out = [KeptOut(kind="earlier", text=text, rule="ranking", rank=place)]
        return WhyNot(text=sentence([text]), kept_out_by=kept_out, change=None, tried=0)
    if not kept_out and asked.anew is None and asked.listing.place(position) is None:
        kept_out = [KeptOut(kind="set", text="it is not in the list", rule="request")]
    if not kept_out:
        kept_out = outranked(snapshot, asked.recipe, now, position, breakdown, n=asked.n)
    found, tried, none = None, 0, _immovable(kept_out)
    if none is None and asked.anew is None:
        none = "The list is kept as it is and cannot be made anew, so no change was tried."
    if none is None and search:
        failing = unmet_once(snapshot, position, asked.recipe)
        attempt = Search(desk, snapshot, asked.recipe, position, n=asked.n)
        found = attempt.find(failing)
        tried = attempt.tried
        none = _nothing(len(failing), tried)
    elif none is None:
        none = "No change was tried for so many items at once; ask for it alone."
    change = _change(snapshot, position, found) if found is not None else None
    reasons = sentence([f"not among the first {asked.n}: {kept_out[0].text}", *(k.text for k in kept_out[1:])])
    return WhyNot(
        text=f"{reasons} {change.text if change is not None else none}",
        kept_out_by=kept_out,
        change=change,
        tried=tried,
    )


def _immovable(kept_out: Sequence[KeptOut]) -> str | None:
    for one in kept_out:
        if one.kind == "set":
            return "Only another set to choose from would change that."
        if one.kind == "words":
            return "Only other words would change that."
        if one.rule == "store":
            return "That is the store's rule, which no change of yours gets round."
        if one.rule == "user":
            return "That holds for you in general, so no change of it is offered."
        if one.kind in IMMOVABLE:
            return "No other condition, like or dislike changes that."
    return None


def _nothing(failing: int, tried: int) -> str:
    if failing > CONDITIONS:
        return f"{failing} conditions stand against it, more than {CONDITIONS}, so no change was tried."
    if not tried:
        return "I found no change to try."
    if tried == 1:
        return "I tried one change, and it does not bring it in."
    return f"I tried {tried} changes of at most {CONDITIONS} conditions and one like or dislike, and none brings it in."


def _change(snapshot: Snapshot, position: int, found: Found) -> Change:
    catalog, alteration = snapshot.catalog, found.alteration
    parts = [_relaxed_words(snapshot, before, after) for before, after in alteration.relaxed]
    taste = None
    if alteration.taste is not None:
        kind, item_id = alteration.taste
        taste = TasteChange(kind=kind, item_id=item_id, title=catalog.titles[catalog.position(item_id)])
        parts.append(_TASTES[kind].format(title="it" if item_id == catalog.ids[position] else taste.title))
    text = sentence([f"{listed(parts)}, it would be number {found.rank} of {found.total:,}"])
    return Change(
        text=text,
        relaxed=_relaxations(alteration),
        taste=taste,
        filters=[as_result(c) for c in found.recipe.stated],
        rank=found.rank,
        total=found.total,
        evidence=[
            Evidence(item_id=catalog.ids[position], source="statistic", name=name, value=value)
            for name, value in (("rank_with_change", found.rank), ("in_race_with_change", found.total))
        ],
    )


def _relaxations(alteration: Alteration) -> list[Relaxed]:
    return [
        Relaxed(constraint=as_result(before), to=None if after is None else as_result(after))
        for before, after in alteration.relaxed
    ]


def _relaxed_words(snapshot: Snapshot, before: Constraint, after: Constraint | None) -> str:
    field = snapshot.catalog.field(before.field)
    name, asked = field_words(field.name), constraint_words(field, [before])
    if after is None:
        return f"without the condition {name}: {asked}"
    return f"with {name}: {constraint_words(field, [after])} instead of {asked}"
