"""The oracle: the catalog's rows and the owner's rules in plain Python, apart from the store's filters.

Sets of items are integers with one bit an item, so that what two conditions share is one operation.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from concierge_server.evaluation.predicates import Item, Predicate
from concierge_tools.config import PolicyConfig
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field, FieldType, FieldValue, Scalar

_ORDERS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "==": (0,), "in": (0,), "!=": (-1, 1), "not_in": (-1, 1)}


@dataclass(slots=True, repr=False)
class Oracle:
    """What is true of a store's items."""

    items: Mapping[str, Item]
    """By id; each with its id, title and every declared field."""
    fields: Mapping[str, Field]
    policy: PolicyConfig
    histories: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each user of the log has interacted with."""
    consumed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What of it is not to be recommended again."""
    name: str = ""
    shared: frozenset[str] = frozenset()
    """The values that more than one field has, casefolded: such a value alone does not tell which field is meant."""
    _masks: dict[Predicate, int] = field(default_factory=dict)
    _index: dict[str, dict[str | None, int]] = field(default_factory=dict)
    _positions: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        policy: PolicyConfig,
        *,
        histories: Mapping[str, frozenset[str]],
        consumed: Mapping[str, frozenset[str]],
    ) -> "Oracle":
        """Read a catalog row by row."""
        rows = {
            item_id: {"id": item_id, "title": catalog.titles[i], **catalog.row(i)}
            for i, item_id in enumerate(catalog.ids)
        }
        fields = {f.name: f for f in catalog.fields}
        return cls(rows, fields, policy, histories, consumed, catalog.name, _shared(rows.values(), fields))

    def holds(self, item_id: str, predicate: Predicate) -> bool:
        """Return whether an item of the catalog meets a condition."""
        known = self.fields.get(predicate.field)
        return meets(known.type if known else "text", self.items[item_id].get(predicate.field), predicate)

    def fitting(self, predicates: Iterable[Predicate]) -> int:
        """Return the set of items that meet every condition."""
        found = (1 << len(self.items)) - 1
        for predicate in predicates:
            found &= self._mask(predicate)
        return found

    def allowed(self, user_id: str | None) -> int:
        """Return the set of items that the owner's rules let this user see, consent aside."""
        found = self.fitting(Predicate.of(rule) for rule in self.policy.require)
        if self.policy.exclude_history and user_id is not None:
            found &= ~self.set_of(self.consumed.get(user_id, ()))
        return found

    def set_of(self, item_ids: Iterable[str]) -> int:
        """Return these items as a set; what the catalog does not hold is left out."""
        if not self._positions:
            self._positions = {item_id: place for place, item_id in enumerate(self.items)}
        found = 0
        for item_id in item_ids:
            if item_id in self._positions:
                found |= 1 << self._positions[item_id]
        return found

    def _holders(self, predicate: Predicate) -> int | None:
        """Return the set for a condition on single values of tags or a category, from an index; None for any other."""
        known = self.fields.get(predicate.field)
        if known is None or known.type not in ("category", "tags") or predicate.op == "contains_all":
            return None
        if predicate.field not in self._index:
            self._index[predicate.field] = self._indexed(predicate.field)
        index = self._index[predicate.field]
        found = 0
        for value in predicate.values:
            found |= index.get(str(value).casefold(), 0)
        if predicate.op == "not_contains":
            return (1 << len(self.items)) - 1 & ~found
        return index[None] & ~found if predicate.op in ("!=", "not_in") else found

    def _indexed(self, name: str) -> dict[str | None, int]:
        """Return the items of each value of a field, and of any value under None."""
        index: dict[str | None, int] = {None: 0}
        for place, row in enumerate(self.items.values()):
            value = row.get(name)
            for part in value if isinstance(value, list) else [value] if value is not None else []:
                for key in (part.casefold(), None):
                    index[key] = index.get(key, 0) | 1 << place
        return index

    def _mask(self, predicate: Predicate) -> int:
        if predicate not in self._masks and (holders := self._holders(predicate)) is not None:
            self._masks[predicate] = holders
        if predicate not in self._masks:
            bits = "".join("1" if self.holds(item_id, predicate) else "0" for item_id in reversed(list(self.items)))
            self._masks[predicate] = int(bits, 2) if bits else 0
        return self._masks[predicate]


def _shared(rows: Iterable[Item], fields: Mapping[str, Field]) -> frozenset[str]:
    seen: dict[str, str] = {}
    shared: set[str] = set()
    for row in rows:
        for name, known in fields.items():
            value = row.get(name) if known.type in ("category", "tags") else None
            for part in value if isinstance(value, list) else [value] if isinstance(value, str) else []:
                if seen.setdefault(part.casefold(), name) != name:
                    shared.add(part.casefold())
    return frozenset(shared)


def meets(kind: FieldType, value: FieldValue, predicate: Predicate) -> bool:
    """Return whether a value meets a condition: case aside; a missing value meets none, missing tags lack every one."""
    wanted, op = predicate.values, predicate.op
    if kind == "tags":
        have = {tag.casefold() for tag in value} if isinstance(value, list) else set()
        asked = {str(part).casefold() for part in wanted}
        if op == "contains_all":
            return asked <= have
        return bool(asked & have) != (op == "not_contains")
    if value is None or isinstance(value, list):
        return False
    if kind == "text" and op in ("contains", "not_contains"):
        return (str(wanted[0]).casefold() in str(value).casefold()) == (op == "contains")
    orders = [_compared(kind, value, part) for part in wanted]
    test = any if op in ("in", "==") else all
    return test(order in _ORDERS[op] for order in orders)


def _compared(kind: FieldType, value: Scalar, wanted: Scalar) -> int:
    """Return how a value lies to a wanted one: below (-1), same (0) or above (1); a date may be within a year."""
    if kind == "date":
        first, last = _days(str(wanted))
        day = _days(str(value))[0]
        return -1 if day < first else 1 if day > last else 0
    if kind == "number":
        left, right = float(value), float(wanted)
        return (left > right) - (left < right)
    return 0 if str(value).casefold() == str(wanted).casefold() else 1


def _days(text: str) -> tuple[str, str]:
    parts = [int(part) for part in text[:10].split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else None
    if month is None:
        return f"{year:04}-01-01", f"{year:04}-12-31"
    if len(parts) == 2:
        return f"{year:04}-{month:02}-01", f"{year:04}-{month:02}-{calendar.monthrange(year, month)[1]:02}"
    return text[:10], text[:10]
