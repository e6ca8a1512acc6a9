"""Ballots: what a ranker named, checked against the candidates and aggregated into one order.

Aggregated by Borda count, an unnamed candidate taking the mean of the places that a ballot leaves open. It keeps what
all ballots agree on, whatever their length, and a candidate that any ballot names comes before one that none does.
Reciprocal rank fusion, which suits long lists of different retrievers, hardly tells the places of short ones apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Ballots(BaseModel):
    """What a ranker returned: one list of ids per sample, best first, unchecked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: tuple[tuple[str, ...], ...]
    failures: tuple[str, ...] = ()
    """Why other samples came to nothing."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A sample that holds candidates only, each once, and what was dropped to make it so."""

    ids: tuple[str, ...]
    outsiders: tuple[str, ...] = ()
    """Named ids that are no candidates: invented, or items that may not be shown now."""
    repeated: tuple[str, ...] = ()

    @property
    def named(self) -> int:
        """How many ids the sample named, usable or not."""
        return len(self.ids) + len(self.outsiders) + len(self.repeated)


def checked(sample: Iterable[str], candidates: Iterable[str]) -> Ballot:
    """Return `sample` without what is no candidate, and without repetitions."""
    known = frozenset(candidates)
    kept: dict[str, None] = {}
    outsiders, repeated = [], []
    for item_id in sample:
        if item_id not in known:
            outsiders.append(item_id)
        elif item_id in kept:
            repeated.append(item_id)
        else:
            kept[item_id] = None
    return Ballot(tuple(kept), tuple(outsiders), tuple(repeated))


def borda(ballots: Sequence[Ballot], candidates: Sequence[str]) -> tuple[str, ...]:
    """Return every candidate once, by its Borda count over `ballots`; ties keep the order of `candidates`."""
    size = len(candidates)
    points = dict.fromkeys(candidates, 0.0)
    for ballot in ballots:
        unnamed = (size - len(ballot.ids) + 1) / 2
        given = {item_id: float(size - place) for place, item_id in enumerate(ballot.ids)}
        for item_id in candidates:
            points[item_id] += given.get(item_id, unnamed)
    return tuple(sorted(candidates, key=lambda item_id: -points[item_id]))


def agreement(ballots: Sequence[Ballot], n: int) -> dict[str, float]:
    """Return, for every candidate that a ballot names, the share of ballots with it among their first `n`.

    Empty when there are fewer than two ballots: one agrees with itself.
    """
    if len(ballots) < 2:
        return {}
    named = dict.fromkeys(item_id for ballot in ballots for item_id in ballot.ids)
    return {i: round(sum(i in ballot.ids[:n] for ballot in ballots) / len(ballots), 4) for i in named}
