"""Changes: the smallest alteration found of what a list was asked for that brings an item into its first n.

An alteration relaxes or drops at most two of the request's conditions and adds or takes back at most one like or
dislike. Each is applied: the list is made anew with it, so that what is told is what comes of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from concierge_server.desk import Desk, Snapshot
from concierge_server.listing import Listing, Recipe, listing
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import unmet
from concierge_tools.data.relaxing import relaxed
from concierge_tools.ranking.supporters import supporters

CONDITIONS = 2
"""At most so many conditions are relaxed."""
LIKES = 24
"""So many items are tried as likes, those that lift the item most first."""
GIVEN = 10
"""So many of the likes and of the dislikes that were given are tried without."""
IN_FRONT = 5
"""So many of the last recommended items are tried as dislikes, for an item that is no further behind them."""
LARGE = 100_000
"""Of a catalog with more items than this, and with diversity, lists take long: a third of the likes is tried."""

TasteKind = Literal["like", "dislike", "take_back_like", "take_back_dislike"]


@dataclass(frozen=True, slots=True)
class Alteration:
    """What is asked differently."""

    relaxed: tuple[tuple[Constraint, Constraint | None], ...] = ()
    """Conditions, each with what takes its place, if anything does."""
    taste: tuple[TasteKind, str] | None = None
    """A like or dislike, and the id of the item it is about."""

    def applied(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the alteration made."""

        def kept(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
            found = (next((after for before, after in self.relaxed if before == c), c) for c in constraints)
            return tuple(c for c in found if c is not None)

        recipe = replace(recipe, constraints=kept(recipe.constraints), narrowing=kept(recipe.narrowing))
        match self.taste:
            case ("like", item_id):
                return replace(recipe, liked=(*recipe.liked, item_id))
            case ("dislike", item_id):
                return replace(recipe, disliked=(*recipe.disliked, item_id))
            case ("take_back_like", item_id):
                return replace(recipe, liked=tuple(i for i in recipe.liked if i != item_id))
            case ("take_back_dislike", item_id):
                return replace(recipe, disliked=tuple(i for i in recipe.disliked if i != item_id))
        return recipe


@dataclass(frozen=True, slots=True)
class Found:
    """An alteration that brings the item in, and the list that it makes."""

    alteration: Alteration
    recipe: Recipe
    rank: int
    total: int
    """How many items are in the race."""


class Search:
    """Tries alterations for one item, the smallest first."""

    def __init__(self, desk: Desk, snapshot: Snapshot, recipe: Recipe, position: int, *, n: int) -> None:
        """Look for what brings the item at `position` into the first `n` of the recipe's list."""
        self._desk, self._snapshot, self._recipe = desk, snapshot, recipe
        self._position, self._n = position, n
        self._id = snapshot.catalog.ids[position]
        self.tried = 0

    def find(self, failing: Sequence[Constraint]) -> Found | None:
        """Return the first alteration that works; `failing` are the conditions in the item's way, which all must go."""
        if len(failing) > CONDITIONS:
            return None
        conditions = tuple((c, self._loosened(c)) for c in failing)
        needed = self._needed()
        base = Alteration(conditions, needed)
        plain: Listing | None = None
        if conditions or needed is not None:
            found, plain = self._try(base)
            if found is not None or plain is None or not plain.eligible[self._position]:
                return found
        else:
            plain = listing(self._desk, self._snapshot, self._recipe)
        if needed is not None or self._recipe.ordered_by != "taste" or plain is None:
            return None
        for taste in self._tastes(plain):
            found, _ = self._try(replace(base, taste=taste))
            if found is not None:
                return found
        return None

    def _try(self, alteration: Alteration) -> tuple[Found | None, Listing | None]:
        self.tried += 1
        recipe = alteration.applied(self._recipe)
        made = listing(self._desk, self._snapshot, recipe)
        place = made.place(self._position) if made is not None else None
        if made is None or place is None or place > self._n:
            return None, made
        return Found(alteration, recipe, place, made.total), made

    def _loosened(self, constraint: Constraint) -> Constraint | None:
        catalog = self._snapshot.catalog
        if catalog.field(constraint.field).type == "text":
            return None
        loose = relaxed(constraint, catalog.value(constraint.field, self._position))
        return loose if loose is not None and not unmet(catalog, self._position, [loose]) else None

    def _needed(self) -> tuple[TasteKind, str] | None:
        """Return the like or dislike of the item itself, which keeps it out of every list."""
        if self._id in self._recipe.disliked:
            return "take_back_dislike", self._id
        if self._id in self._recipe.liked and self._recipe.without_liked:
            return "take_back_like", self._id
        return None

    def _tastes(self, plain: Listing) -> Iterator[tuple[TasteKind, str]]:
        recipe, ids = self._recipe, self._snapshot.catalog.ids
        for item_id in recipe.disliked[::-1][:GIVEN]:
            yield "take_back_dislike", item_id
        for position in self._supporters(plain):
            yield "like", ids[position]
        for item_id in recipe.liked[::-1][:GIVEN]:
            yield "take_back_like", item_id
        place = plain.place(self._position)
        if place is not None and place <= self._n + IN_FRONT:
            for position in plain.ranking.items[: self._n][::-1][:IN_FRONT]:
                yield "dislike", ids[int(position)]

    def _supporters(self, plain: Listing) -> list[int]:
        artifact, recipe = self._snapshot.artifact, self._recipe
        names = [recipe.model] if recipe.model in artifact.members else artifact.blend
        speaking = {name: artifact.members[name] for name in names if name in artifact.members}
        subject = plain.subject
        known = {*subject.profile.items.tolist(), *subject.consumed} if subject is not None else set()
        few = recipe.diversity > 0 or len(self._snapshot.catalog) > LARGE
        return supporters(
            speaking,
            self._position,
            artifact.popularity.order(artifact.popularity.ever > 0),
            without=known,
            limit=LIKES // 3 if few else LIKES,
        )
