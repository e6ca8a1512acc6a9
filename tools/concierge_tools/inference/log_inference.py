"""Log inference: which columns of the log say who, what, when and how much, and what counts as a positive."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from concierge_tools.config import InteractionsConfig
from concierge_tools.data.catalog import listed
from concierge_tools.errors import DataError
from concierge_tools.inference.column_profile import Profile
from concierge_tools.ingest.cells import parse_id

ITEM = ("item", "product", "article", "sku", "asin", "content", "object")
USER = ("user", "customer", "client", "member", "visitor", "account", "person", "reader", "subscriber", "uid")
SESSION = ("session", "device", "cookie")
EVENT = ("event", "action", "type", "interaction", "behavior", "behaviour", "activity", "kind", "verb")
VALUE = ("rating", "rate", "score", "stars", "grade", "value", "plays", "playcount", "listens")
AMOUNT = ("quantity", "qty", "count", "amount", "units")
TIME = ("time", "timestamp", "date", "datetime", "ts", "at", "when", "day")
QUERY = ("query", "search", "keywords", "term", "q")

_WEIGHTS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.0, ("dislike", "remove", "delete", "return", "returned", "refund", "skip", "hide", "unlike", "cancel")),
    (1.0, ("purchase", "purchased", "buy", "bought", "order", "ordered", "transaction", "checkout", "rating", "rate")),
    (0.7, ("like", "favorite", "favourite", "wishlist", "save", "saved", "star", "bookmark")),
    (0.5, ("cart", "basket", "add", "addtocart")),
    (0.2, ("click",)),
    (0.1, ("view", "impression", "visit", "pageview", "detail", "show")),
)
_OTHER_WEIGHT = 0.3
_UNWANTED = ("dislike", "return", "returned", "refund", "hide", "unlike")


@dataclass(frozen=True, slots=True)
class InferredLog:
    """The `[interactions]` table and, for each of its keys, why; for `negative` and its events, what they could be."""

    config: InteractionsConfig
    why: Mapping[str, str]


def overlap(column: Profile, ids: Iterable[str]) -> float:
    """Return the share of a log's rows whose value in a column is an item's id."""
    known = ids if isinstance(ids, frozenset) else frozenset(ids)
    return column.share(lambda value: parse_id(value) in known)


def item_column(columns: list[Profile], id_column: str, ids: frozenset[str]) -> tuple[Profile, float]:
    """Return the column that names items, and the share of its rows that name one of the catalog.

    Raises:
        DataError: No column shares values with the ids.
    """

    def hint(column: Profile) -> float:
        if column.words == ("id",):
            return 0.1  # may as well number the rows
        if column.name == id_column or column.named(*ITEM):
            return 0.5
        return 0.3 if column.words[-1:] == ("id",) else 0.0

    def is_other(column: Profile) -> bool:
        return hint(column) < 0.5 and column.named(*USER, *SESSION, *VALUE, *AMOUNT, *TIME)

    def score(column: Profile) -> float:
        return overlap(column, ids) + hint(column)

    found = [column for column in columns if not is_other(column) and overlap(column, ids) > 0]
    if not found:
        raise DataError(
            f"No column of the log shares values with {id_column!r}, the id of the items; its columns are "
            f"{listed([column.name for column in columns])}. Check that both files speak of the same items."
        )
    best = max(found, key=score)
    return best, overlap(best, ids)


def infer_log(path: str, columns: list[Profile], id_column: str, ids: frozenset[str]) -> InferredLog:
    """Infer the `[interactions]` table from the columns of a log.

    Raises:
        DataError: It cannot be told which column names the items or the users.
    """
    item, share = item_column(columns, id_column, ids)
    rest = [column for column in columns if column.name != item.name]
    user = _first(rest, USER) or _first(rest, SESSION) or next((c for c in rest if c.words[-1:] == ("id",)), None)
    if user is None:
        raise DataError(
            f"No column of {path!r} seems to name users; its columns are {listed([c.name for c in columns])}. "
            "Rename that column to user_id, or write the configuration by hand."
        )
    rest = [column for column in rest if column.name != user.name and column.counts]
    time = next((c for c in rest if c.named(*TIME) and c.is_time()), next((c for c in rest if c.is_time()), None))
    rest = [column for column in rest if column is not time]
    event = next((c for c in rest if c.named(*EVENT) and c.distinct <= 30 and not c.parses_as("number")), None)
    value = next((c for c in rest if c.named(*VALUE) and c.parses_as("number")), None)
    amount = next((c for c in rest if c.named(*AMOUNT) and c.parses_as("number")), None) if value is None else None
    query = next((c for c in rest if c.named(*QUERY) and not c.parses_as("number")), None)

    why = {
        "user": f"{user.distinct:,} different users",
        "item": f"{share:.0%} of its rows name an item of the catalog",
    }
    positive, why["positive"] = _positive(value, amount)
    why |= _negative(value)
    weights = _weigh(event)
    if unwanted := [name for name in weights if _named(name, _UNWANTED)]:
        why["negative_events"] = json.dumps(unwanted, ensure_ascii=False)
    bought = [name for name, weight in weights.items() if weight == 1.0]
    consumed = bought if 0 < len(bought) < len(weights) else []
    if event is not None:
        why["weights"] = "how much each event speaks for an item; 0 means seen, but no sign of liking"
    if consumed:
        why["consumed"] = (
            "only these make an item history that is not recommended again; without the line, all events do"
        )
    config = InteractionsConfig(
        path=path,
        user=user.name,
        item=item.name,
        event=None if event is None else event.name,
        value=value.name if value else amount.name if amount else None,
        positive=positive,
        weights=weights,
        consumed=consumed,
        time=time.name if time else None,
        query=query.name if query else None,
    )
    return InferredLog(config, why)


def _first(columns: list[Profile], hints: tuple[str, ...]) -> Profile | None:
    return next((column for column in columns if column.named(*hints)), None)


def _weigh(event: Profile | None) -> dict[str, float]:
    if event is None:
        return {}
    return {name: _weight(name) for name in sorted(event.counts)}


def _weight(event: str) -> float:
    return next((weight for weight, hints in _WEIGHTS if _named(event, hints)), _OTHER_WEIGHT)


def _named(event: str, hints: tuple[str, ...]) -> bool:
    words = Profile(event, 0, {}).words
    stems = {word.removesuffix(ending) for word in words for ending in ("", "s", "ed", "d")}
    return not stems.isdisjoint(hints)


def _positive(value: Profile | None, amount: Profile | None) -> tuple[str | None, str]:
    if value is None:
        if amount is None:
            return None, ""
        return None, f"{amount.name} is an amount: each row is a positive, whatever it is"
    numbers = value.numbers()
    low, high, middle = numbers[0], numbers[-1], numbers[len(numbers) // 2]
    span = f"values go from {low:g} to {high:g}"
    if low == high:
        return None, f"every value is {low:g}, so each row is a positive"
    if low >= 0 and high == 1:
        return ">= 1", f"{span}: 1 means yes"
    if low < 0 < high:
        return "> 0", f"{span}: above 0 is a liking"
    if low >= 0 and 3 < high <= 5:
        return ">= 4", f"{span}: 4 of 5 and better is a liking"
    if low >= 0 and 5 < high <= 10:
        return ">= 7", f"{span}: 7 of 10 and better is a liking"
    if middle < high:
        return f"> {middle:g}", f"{span}, half of them up to {middle:g}: what is above the median is a liking"
    return f">= {middle:g}", f"{span}, most of them {middle:g}"


def _negative(value: Profile | None) -> dict[str, str]:
    """Return what could be called unwanted, where values are ratings on a scale that says so."""
    if value is None:
        return {}
    low, high = value.numbers()[0], value.numbers()[-1]
    if low < 0 < high:
        return {"negative": "< 0"}
    if low >= 0 and high > 3 and high <= 10 and low < high:
        return {"negative": "<= 2" if high <= 5 else "<= 4"}
    return {}
