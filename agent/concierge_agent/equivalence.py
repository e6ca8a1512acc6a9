"""Equivalence: which steps leave a candidate set as it is, and which may be told conditions beforehand.

Written here is what the server's tools mean; the property test of compiled plans holds it against the server itself.
"""

from typing import Any

from concierge_agent.enforcement import RETRIEVAL
from concierge_agent.plan import Step

FILTER = "filter_candidates"
_ORDERED_ALONE = frozenset({"search_catalog", "get_trending_items"})
"""Retrieval that scores each item by itself, so that conditions before or after it leave the same order."""
_LONE_MODELS = {
    "recommend_for_user": frozenset({"als", "neighbours", "content", "popularity"}),
    "get_similar_items": frozenset({"neighbours", "content"}),
}
"""Models that do so too. A blend fuses ranks, which are taken after filtering; an index looks only so far."""
_FIRST_PAGE = 10
_SAME_TASTE = ("user_id", "liked", "disliked")


def scores_alone(step: Step) -> bool:
    """Whether a retrieval leaves the same order, whether conditions come before or after it."""
    if step.arguments.get("diversity"):
        return False
    return step.tool in _ORDERED_ALONE or step.arguments.get("model") in _LONE_MODELS.get(step.tool, ())


def keeps_all(step: Step, base: Step) -> bool:
    """Whether a filter asks for nothing that its set does not meet already."""
    if step.tool != FILTER or base.tool not in RETRIEVAL:
        return False
    return all(_within(step.arguments.get(name), base.arguments.get(name)) for name in ("filters", "exclude"))


def keeps_order(step: Step, base: Step) -> bool:
    """Whether ordering a set by taste repeats how it was found."""
    if step.tool != "rank_candidates" or base.tool != "recommend_for_user":
        return False
    plain = base.arguments.get("model", "blend") == "blend" and step.arguments.get("descending", True)
    varied = step.arguments.get("diversity") or base.arguments.get("diversity")
    same = all((step.arguments.get(name) or None) == (base.arguments.get(name) or None) for name in _SAME_TASTE)
    return bool(plain and same and not varied and step.arguments.get("by", "personal") == "personal")


def _within(part: object, whole: object) -> bool:
    held = whole if isinstance(whole, list) else []
    return all(one in held for one in part) if isinstance(part, list) else part is None


def union(base: Step, step: Step, name: str) -> list[Any]:
    """Return what either step lists under an argument, each once."""
    joined: list[Any] = []
    for one in (*(base.arguments.get(name) or ()), *(step.arguments.get(name) or ())):
        if one not in joined:
            joined.append(one)
    return joined


def page_size(step: Step) -> int | None:
    """Return how many items the step's page holds; None when it is no number."""
    n = step.arguments.get("n", _FIRST_PAGE)
    return n if isinstance(n, int) and not isinstance(n, bool) else None
