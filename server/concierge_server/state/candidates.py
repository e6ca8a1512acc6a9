"""The candidate bus: immutable, ordered sets behind handles that work across processes, eras and artifacts."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from concierge_server.state.database import CANDIDATE_SETS
from concierge_tools.errors import InputError

LIFETIME_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """A stored set: ids in rank order, their scores (None where no model scored one) and how it came about."""

    handle: str
    artifact: str
    item_ids: list[str]
    scores: list[float | None]
    matched: int
    basis: str
    recipe: dict[str, Any]


class CandidateBus:
    """Stores candidate sets for their principal alone, until they expire."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self,
        principal: str,
        artifact: str,
        item_ids: Sequence[str],
        scores: Sequence[float | None],
        *,
        matched: int,
        basis: str,
        recipe: dict[str, Any],
    ) -> CandidateSet:
        """Store a set and mint its handle."""
        found = CandidateSet(
            f"cs_{secrets.token_hex(16)}", artifact, list(item_ids), list(scores), matched, basis[:400], recipe
        )
        values = {name: getattr(found, name) for name in CandidateSet.__slots__}
        with self._engine.begin() as connection:
            connection.execute(delete(CANDIDATE_SETS).where(CANDIDATE_SETS.c.expires_at < time.time()))
            connection.execute(
                insert(CANDIDATE_SETS).values(**values, principal=principal, expires_at=time.time() + LIFETIME_SECONDS)
            )
        return found

    def get(self, principal: str, handle: str) -> CandidateSet:
        """Return the set behind `handle`.

        Raises:
            InputError: The handle is unknown, expired, or somebody else's; the three are not told apart.
        """
        query = select(*(CANDIDATE_SETS.c[name] for name in CandidateSet.__slots__)).where(
            CANDIDATE_SETS.c.handle == handle,
            CANDIDATE_SETS.c.principal == principal,
            CANDIDATE_SETS.c.expires_at >= time.time(),
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise InputError(
                f"No candidate set {handle!r}, or it has expired; "
                "make a new one with search_catalog or recommend_for_user."
            )
        return CandidateSet(*row)

    def forget(self, user_id: str) -> int:
        """Delete every set that was made for the user; return how many there were."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(CANDIDATE_SETS.c.handle, CANDIDATE_SETS.c.recipe)).all()
            theirs = [r.handle for r in rows if user_id in (r.recipe.get("user_id"), *r.recipe.get("users", ()))]
            connection.execute(delete(CANDIDATE_SETS).where(CANDIDATE_SETS.c.handle.in_(theirs)))
        return len(theirs)
