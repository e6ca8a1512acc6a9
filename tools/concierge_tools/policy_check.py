"""The owner's rules, checked against the catalog that they are about."""

from collections.abc import Sequence

from concierge_tools.config import PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.constraints import Constraint
from concierge_tools.data.filters import mask
from concierge_tools.errors import DataError, InputError


def check_policy(policy: PolicyConfig, catalog: Catalog) -> None:
    """Raise a DataError for a rule on an unknown field or with an operator that its field does not take."""
    rules: dict[str, Sequence[Constraint]] = {
        "require": policy.require,
        "disclose": policy.disclose,
        "confirm": policy.confirm,
    }
    for key, constraints in rules.items():
        try:
            mask(catalog, constraints)
        except InputError as error:
            raise DataError(f"{key} under [policy] cannot be applied: {error}") from None
    for name in policy.ask_first:
        try:
            catalog.field(name)
        except InputError as error:
            raise DataError(f"ask_first under [policy] cannot be asked: {error}") from None
