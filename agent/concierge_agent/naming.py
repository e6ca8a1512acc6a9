"""Naming: items that a turn may speak of because its user did, or because the conversation already has."""

from concierge_agent.brain import Material


def named_by_the_user(material: Material) -> set[str]:
    """Return the items that `resolve_mentions` found in the user's words, and the seeds of likeness."""
    found: set[str] = set()
    for call in material.calls:
        if call.tool == "resolve_mentions" and call.result is not None:
            for mention in call.result.get("mentions", ()):
                readings = [mention, *mention.get("alternatives", ())] if material.shown is None else [mention]
                found |= {r["item_id"] for r in readings if r.get("item_id")}
        if call.tool == "get_similar_items":
            found |= {i for i in call.arguments.get("item_ids", ()) if isinstance(i, str)}
    return found
