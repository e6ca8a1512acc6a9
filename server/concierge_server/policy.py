"""Policy: the owner's rules as they bear on single items."""

from concierge_server.desk import Snapshot
from concierge_tools.config import RuleConfig
from concierge_tools.data import filters


def disclosures(snapshot: Snapshot, position: int) -> list[str]:
    """Return what must be said whenever the item is shown."""
    return [rule.text for rule in snapshot.policy.disclose if _holds(snapshot, position, rule)]


def needs_confirmation(snapshot: Snapshot, position: int) -> bool:
    """Return whether the user must agree before the item is shown."""
    return bool(confirmation_rules(snapshot, position))


def confirmation_rules(snapshot: Snapshot, position: int) -> list[RuleConfig]:
    """Return the rules that make the item need consent."""
    return [rule for rule in snapshot.policy.confirm if _holds(snapshot, position, rule)]


def _holds(snapshot: Snapshot, position: int, rule: RuleConfig) -> bool:
    return not filters.unmet(snapshot.catalog, position, [rule])
