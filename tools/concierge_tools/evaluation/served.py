"""What is served, as systems to measure: the learned ranker, and whichever of it and the blend won the validation."""

from collections.abc import Callable, Iterator, Mapping

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.candidate_signals import SignalReader
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.ranking.reranking import Reranker
from concierge_tools.ranking.scoring import Scoring, shares_of
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import Floats, LinearRecommender, Mask, Profile
from concierge_tools.training.blending import BlendChoice

RANKER, SERVED = "learned ranker", "as served"


def served_systems(
    chosen: BlendChoice,
    ranker: Ranker | None,
    members: Mapping[str, LinearRecommender],
    popularity: Popularity,
    catalog: Catalog,
    train: Interactions,
) -> Iterator[tuple[str, Callable[[Profile, Mask], Floats]]]:
    """Yield both by name; where nothing could be learned, both are the blend.

    Args:
        chosen: The blend, and whether the ranker won.
        ranker: As it was learned on the validation folds.
        members: Fitted on what is trained on, content among them.
        popularity: Of the same.
        catalog: The items.
        train: What all were fitted on.
    """
    reranker = Reranker(ranker, SignalReader(members, popularity, catalog, train)) if ranker else None

    def scores(profile: Profile, eligible: Mask, *, by: Reranker | None) -> Floats:
        own = {name: members[name].scores(profile) for name in chosen.members if members[name].knows(profile)}
        scoring = Scoring(eligible, shares_of(own, eligible, fuse=True), "")
        return by.over(scoring, profile).scores() if by and scoring.shares else scoring.scores()

    won = chosen.ranker is not None and chosen.ranker.used
    yield RANKER, lambda profile, eligible: scores(profile, eligible, by=reranker)
    yield SERVED, lambda profile, eligible: scores(profile, eligible, by=reranker if won else None)
