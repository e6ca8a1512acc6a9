"""Retrieval: one method per way of finding or ordering items, over masks of eligible items and profiles."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from concierge_tools.basis import basis_of, without_taste
from concierge_tools.catalog_search import CatalogSearch
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.phrases import either
from concierge_tools.errors import InputError
from concierge_tools.ranking.breakdown import Breakdown
from concierge_tools.ranking.cold_start import told_apart, with_untouched
from concierge_tools.ranking.ranking import POOL, Ranking, by_field, worst_first
from concierge_tools.ranking.reordering import Reordering
from concierge_tools.ranking.reranking import Reranker
from concierge_tools.ranking.scoring import Scoring, shares_of
from concierge_tools.ranking.similar import trust
from concierge_tools.ranking.sought_after import popular, trending
from concierge_tools.ranking.tags import tag_shares
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Positions, Profile, Splits
from concierge_tools.risk.leaving_out import without
from concierge_tools.storage.store import Artifact

BLEND = "blend"
ALIKE = (Als.name, Neighbours.name)
"""What tells, beside content, which items go together; a blend for taste may be made of others."""


class Retrieval:
    """Finds and orders the items of one artifact."""

    def __init__(self, artifact: Artifact, catalog: Catalog) -> None:
        """Hold an artifact, and its catalog with live values laid over."""
        self._artifact = artifact
        self._catalog = catalog
        self.by_query = CatalogSearch(artifact, catalog, self.recommend, self.similar)

    @property
    def models(self) -> list[str]:
        """What can be asked for as `model`."""
        return [BLEND, *self._artifact.members, Popularity.name]

    def recommend(
        self,
        profile: Profile,
        eligible: Mask,
        *,
        model: str = BLEND,
        diversity: float = 0.0,
        calibration: float = 0.0,
        barred: Mask | None = None,
    ) -> Ranking:
        """Rank the eligible items for a taste.

        Items that no model scores for this taste come after those that are scored, by popularity.

        Args:
            profile: The taste; when it is empty, what is trending is returned, told apart, and the basis says so.
            eligible: Shape (items,).
            model: One of `models`.
            diversity: From 0, by score alone, to 1, by unlikeness alone.
            calibration: From 0, by score alone, to 1, by the mix of tags that was liked alone.
            barred: Eligible items that risk control leaves out of the finished ranking, shape (items,).

        Raises:
            InputError: There is no such model here, or the diversity or calibration is out of range.
        """
        scoring = without(self._scoring(profile, eligible, model), barred)
        ranking = self._reordering(scoring, profile, diversity, calibration).final
        plain = len(profile) or diversity or model == Popularity.name
        return ranking if plain else told_apart(ranking, self._artifact.content.rows)

    def similar(self, positions: Sequence[int] | Positions, eligible: Mask, *, model: str = BLEND) -> Ranking:
        """Rank the eligible items by likeness to all of the given ones together, which are never among them.

        Raises:
            InputError: No item is given, or the model is not here or knows no likeness.
        """
        return self._likeness(positions, eligible, model)[0].ranking()

    def trending(self, eligible: Mask, *, window_days: int | None = None) -> Ranking:
        """Rank the eligible items by their positives of the last days, then by all there ever were.

        Args:
            eligible: Shape (items,).
            window_days: How many days back from the newest interaction; what `fit` chose when omitted.

        Raises:
            InputError: The window is not at least a day.
        """
        return trending(self._artifact, eligible, window_days).ranking()

    def search(self, query: str, eligible: Mask, profile: Profile | None = None) -> Ranking:
        """Rank the eligible items that a query finds, and no others; without a query, by popularity.

        `profile` is the taste by which equal matches are ordered.
        """
        if not query.strip():
            return popular(self._artifact.popularity, eligible, "popularity (no query)").ranking()
        return self.by_query.answer(query, profile).signals.ranking(eligible)

    def rank(
        self,
        positions: Sequence[int] | Positions,
        *,
        by: str = "personal",
        descending: bool = True,
        profile: Profile | None = None,
        query: str | None = None,
        diversity: float = 0.0,
        calibration: float = 0.0,
        barred: Mask | None = None,
    ) -> Ranking:
        """Order the given items, dropping none before the cut but those that risk control bars.

        Args:
            positions: Catalog positions in their present order, which settles ties between equal field values.
            by: "personal", "query", "popularity" or the name of a field. Items without a score or value come last.
            descending: Best or largest first; categories and text from Z to A.
            profile: For "personal".
            query: For "query".
            diversity: For "personal", as in `recommend`.
            calibration: The same.
            barred: The same.

        Raises:
            InputError: An unknown field, one of several values per item, or a query that is missing.
        """
        chosen = np.asarray(positions, np.int32)
        eligible = np.zeros(len(self._catalog), np.bool_)
        eligible[chosen] = True
        if by == "personal":
            taste = profile or Profile.empty()
            ranking = self.recommend(taste, eligible, diversity=diversity, calibration=calibration, barred=barred)
        elif by == "query":
            if query is None or not query.strip():
                raise InputError("To rank by query, give one; or rank by personal, popularity or a field.")
            ranking = self.by_query.answer(query).signals.ranking(eligible, fillers=chosen)
        elif by == "popularity":
            ranking = popular(self._artifact.popularity, eligible).ranking()
        else:
            return by_field(self._catalog, chosen, by, descending=descending)
        return ranking if descending else worst_first(ranking)

    def explain(self, position: int, profile: Profile, *, eligible: Mask, model: str = BLEND) -> Breakdown:
        """Break down the score that `recommend` gives an item; see `explain_all`."""
        return self.explain_all([position], profile, eligible=eligible, model=model)[0]

    def explain_all(
        self,
        positions: Sequence[int],
        profile: Profile,
        *,
        eligible: Mask,
        model: str = BLEND,
        diversity: float = 0.0,
        calibration: float = 0.0,
        barred: Mask | None = None,
    ) -> list[Breakdown]:
        """Break down the scores that `recommend` gives some items.

        Items that are not eligible, or are barred, are explained as if they were not.

        Raises:
            InputError: As for `recommend`.
        """
        eligible = eligible.copy()
        eligible[list(positions)] = True
        if barred is not None:
            barred = barred.copy()
            barred[list(positions)] = False
        scoring = self._scoring(profile, eligible, model)
        kept = without(scoring, barred)
        steps = self._reordering(kept, profile, diversity, calibration)
        return [kept.placed(steps.shifted(scoring.breakdown(item, profile)), steps.final) for item in positions]

    def explain_similar(
        self, positions: Sequence[int], seeds: Sequence[int] | Positions, *, eligible: Mask, model: str = BLEND
    ) -> list[Breakdown]:
        """Break down the scores that `similar` gives some items for the seeds; see `explain_all`.

        Raises:
            InputError: As for `similar`.
        """
        eligible = eligible.copy()
        eligible[list(positions)] = True
        scoring, profile = self._likeness(seeds, eligible, model)
        ranking = scoring.ranking()
        return [scoring.placed(scoring.breakdown(item, profile), ranking) for item in positions]

    def _scoring(self, profile: Profile, eligible: Mask, model: str) -> Scoring:
        self._check(model)
        if model == Popularity.name:
            return popular(self._artifact.popularity, eligible)
        if not len(profile):
            scoring = trending(self._artifact, eligible)
            return replace(scoring, basis=f"{scoring.basis} (no taste to go on yet)")
        members = self._members(profile, model, self._artifact.blend)
        unwanted = self._like_the_disliked(profile)
        order = self._artifact.popularity.everything
        fillers = np.concatenate([order[~unwanted[order]], order[unwanted[order]]]) if unwanted.any() else order
        if not members:
            basis, note = without_taste(profile, None if model == BLEND else model)
            return Scoring(eligible, {}, basis, fillers=fillers, notes=(note,) if eligible.any() else ())
        own = {name: member.scores(profile) for name, member in members.items()}
        shares = shares_of(own, eligible, fuse=model == BLEND)
        scoring = Scoring(eligible, shares, basis_of(shares), members, own, fillers=fillers)
        if model == BLEND:
            scoring = with_untouched(scoring, profile, self._artifact.content, self._artifact.untouched)
        if not scoring.shares:
            basis, note = "popularity (no taste to go on)", "Nothing in this taste speaks for any of these items."
            return Scoring(eligible, {}, basis, fillers=fillers, notes=(note,))
        if self._reranker is None or model != BLEND or shares.keys().isdisjoint(self._artifact.blend):
            return scoring
        return self._reranker.over(scoring, profile, unwanted)

    @cached_property
    def _reranker(self) -> Reranker | None:
        return Reranker.of(self._artifact, self._catalog)

    def _members(self, profile: Profile, model: str, blend: Sequence[str]) -> dict[str, LinearRecommender]:
        """Return who has something to say; content stands in for a blend none of whose members has."""
        here = self._artifact.members
        if model != BLEND:
            return {model: here[model]} if here[model].knows(profile) else {}
        knowing = {name: here[name] for name in blend if name in here and here[name].knows(profile)}
        if not knowing and here[Content.name].knows(profile):
            return {Content.name: here[Content.name]}
        return knowing

    def _likeness(self, seeds: Sequence[int] | Positions, eligible: Mask, model: str) -> tuple[Scoring, Profile]:
        self._check(model)
        profile = Profile.of(liked=np.asarray(seeds).tolist(), recency=False)
        if not len(profile):
            raise InputError("No items to be similar to; give at least one id.")
        if model == Popularity.name:
            raise InputError(f"The model 'popularity' knows no likeness; use {either(self.models[:-1])}.")
        others = eligible.copy()
        others[profile.items] = False
        members: dict[str, Splits] = {}
        own: dict[str, Floats] = {}
        index = self._artifact.similar
        speaking = self._members(profile, model, ALIKE)
        if model == BLEND:
            speaking[Content.name] = self._artifact.members[Content.name]
        for name, member in speaking.items():
            if name == Als.name and index is not None:
                members[name], own[name] = index, index.scores(profile.items, others, limit=POOL)
            else:
                members[name], own[name] = member, member.scores(profile)
        weights = trust(self._artifact.popularity.people[profile.items], speaking)
        shares = shares_of(own, others, fuse=model == BLEND, weights=weights)
        notes = () if shares else (f"The model {model!r} knows nothing of what is like these items.",)
        return Scoring(others, shares, basis_of(shares) or model, members, own, notes=notes), profile

    def _like_the_disliked(self, profile: Profile) -> Mask:
        disliked = profile.disliked()
        result = np.zeros(len(self._catalog), np.bool_)
        result[disliked.items] = True
        here = self._artifact.members
        teller = next((here[n] for n in (Neighbours.name, Content.name) if n in here and here[n].knows(disliked)), None)
        return result if teller is None else result | (np.nan_to_num(teller.scores(disliked)) > 0)

    def _reordering(self, scoring: Scoring, profile: Profile, diversity: float, calibration: float) -> Reordering:
        return Reordering.of(
            scoring.ranking(),
            profile,
            tags=lambda: self._tags,
            rows=self._artifact.content.rows,
            diversity=diversity,
            calibration=calibration,
        )

    @cached_property
    def _tags(self) -> csr_array:
        return tag_shares(self._catalog)

    def _check(self, model: str) -> None:
        if model not in self.models:
            reason = f" {' and '.join(ALIKE)} need interactions with positives." if model in ALIKE else ""
            raise InputError(f"No model {model!r} here; use {either(self.models)}.{reason}")
