"""Calibrating risk control: the threshold that keeps the owner's level on users that nothing was trained on."""

from collections.abc import Sequence

from concierge_tools.config import Config
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.recommender import LinearRecommender
from concierge_tools.risk.conformal import conformal_index, fewest_users, least_level
from concierge_tools.risk.control import Calibrated, RiskControl
from concierge_tools.risk.held_out import held_out_users, hold_out
from concierge_tools.risk.judgements import check_negative, judgements
from concierge_tools.risk.lists import grid, outcomes

SHARE = 1 / 3
"""Of the users who judged anything, how many calibrate; the scorer is trained on the others."""
MOST = 2_000


def check_risk(config: Config, interactions: Interactions | None) -> None:
    """Raise a DataError, before anything is trained, when what is called unwanted or the level cannot be applied."""
    check_negative(config, interactions)
    if config.risk is None or config.interactions is None or interactions is None:
        return
    known = judgements(config.interactions, interactions)
    if not known.unwanted.any():
        raise DataError("Nothing in the log is unwanted; correct negative or negative_events under [interactions].")
    level, users = config.risk.level, held_out_users(known, share=SHARE, most=MOST)
    if users < fewest_users(level):
        raise DataError(
            f"A level of {level:g} under [risk] takes {fewest_users(level):,} users to calibrate on, and the log has "
            f"{users:,} (a third of those who judged two items); write a level of {least_level(users):g} or more."
        )


def calibrate(
    config: Config,
    interactions: Interactions,
    members: Sequence[LinearRecommender],
    blend: tuple[str, ...],
    *,
    seed: int = 0,
) -> RiskControl:
    """Find the threshold that keeps the owner's level on users that nothing was trained on.

    The scorer that is returned is the one the threshold was found for: it has not seen these users either.

    The log has passed `check_risk`.

    Args:
        config: Whose `[risk]` says the level, and `[interactions]` what is unwanted.
        interactions: The log.
        members: Those that are served; of them only content is used as it is, since it knows no users.
        blend: The names of those that the served blend is made of.
        seed: Draws the users.

    Raises:
        DataError: No threshold keeps the level but the one that recommends nothing.
    """
    if config.risk is None or config.interactions is None:
        raise DataError("Without [risk] and [interactions] there is no risk to control.")
    level = config.risk.level
    known = judgements(config.interactions, interactions)
    rows = next(member.rows for member in members if isinstance(member, Content))
    held, scorer = hold_out(interactions, known, rows, blend, share=SHARE, most=MOST, seed=seed)
    users = len(held.condensed.odds)
    thresholds = grid(held.base)
    found = outcomes(held.condensed, thresholds, replace=True)
    at = conformal_index(found.loss, level)
    if at < 1:
        raise DataError(
            f"No threshold keeps the risk at {level:g}, but the one that recommends nothing; raise level under [risk]. "
            f"Without control it is {found.loss[:, -1].mean():.3f}, on {users:,} users."
        )
    risk, before = (round(float(found.loss[:, place].mean()), 4) for place in (at, -1))
    length, length_before = (round(float(found.length[:, place].mean()), 2) for place in (at, -1))
    return RiskControl(
        Calibrated(
            level=level,
            threshold=min(float(thresholds[at]), 1e9),  # infinity is no JSON
            users=users,
            risk=risk,
            before=before,
            length=length,
            length_before=length_before,
        ),
        scorer,
    )
