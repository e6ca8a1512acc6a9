"""What is sought-after: scorings by popularity, ever and of late, the same for everybody."""

from concierge_tools.errors import InputError
from concierge_tools.ranking.scoring import Scoring
from concierge_tools.recommenders.blend import alone
from concierge_tools.recommenders.popularity import Popularity, weight_within
from concierge_tools.recommenders.recommender import Mask
from concierge_tools.storage.artifact import Artifact


def popular(
    popularity: Popularity, eligible: Mask, basis: str = Popularity.name, notes: tuple[str, ...] = ()
) -> Scoring:
    """Score the eligible items, shape (items,), by their positives ever."""
    if not popularity.known:
        basis, notes = "catalog order (nothing was liked by anybody yet)", ()
    return Scoring(eligible, {Popularity.name: alone(popularity.ever, eligible)}, basis, notes=notes)


def trending(artifact: Artifact, eligible: Mask, window_days: int | None = None) -> Scoring:
    """Score the eligible items, shape (items,), by their positives of the last days; of what `fit` chose when None.

    Raises:
        InputError: The window is not at least a day.
    """
    if window_days is not None and window_days < 1:
        raise InputError(f"A window of {window_days!r} days is empty; give 1 or more.")
    popularity, interactions = artifact.popularity, artifact.interactions
    if interactions is None or not popularity.window_days:
        return popular(popularity, eligible, notes=("The interactions have no times, so this is popularity ever.",))
    days = window_days or popularity.window_days
    lately = popularity.recent if days == popularity.window_days else weight_within(interactions, len(eligible), days)
    basis = f"trending: interactions of the last {days:,} days of the log"
    return Scoring(eligible, {"trending": alone(lately, eligible)}, basis, ties=popularity.everything)
