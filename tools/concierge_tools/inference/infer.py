"""Schema inference: what a catalog and a log seem to hold, with reasons, so that the owner can object."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from concierge_tools.config import Config, FieldConfig, ItemsConfig, PolicyConfig, RuleConfig
from concierge_tools.data.catalog import listed
from concierge_tools.data.constraints import Constraint
from concierge_tools.errors import DataError
from concierge_tools.inference.column_inference import Guess, currency_of, guess_field
from concierge_tools.inference.column_profile import Profile
from concierge_tools.inference.config_toml import render
from concierge_tools.inference.log_inference import InferredLog, infer_log, overlap
from concierge_tools.ingest.cells import parse_id
from concierge_tools.ingest.tables import Table, read_table

_CODES = ("sku", "asin", "isbn", "gtin", "ean", "upc", "uuid", "guid", "slug", "handle", "code", "key")
_TITLES = ("title", "name", "label", "headline", "caption")
_SPONSORED = ("sponsored", "promoted", "advertised", "ad")
_PLAIN_NAMES = frozenset({"items", "item", "products", "product", "catalog", "catalogue", "data", "articles"})


@dataclass(frozen=True, slots=True)
class InferredConfig:
    """A configuration with absolute paths, the reasons for it, and the columns that were left out."""

    config: Config
    why: Mapping[str, str]
    """Reasons for single keys: id, title, user, item, positive, weights, consumed, require, disclose."""
    fields: tuple[Guess, ...]
    """Every column but id and title, in the file's order, with the reason; those not kept are only proposed."""


def infer(items_path: Path, interactions_path: Path | None = None) -> InferredConfig:
    """Infer a configuration from the owner's files.

    Raises:
        DataError: A file cannot be read, or nothing in it can be the id of items or the user of interactions.
    """
    items = read_table(items_path)
    columns = [Profile.of(items, name) for name in items.columns]
    log = read_table(interactions_path) if interactions_path else None
    log_columns = [Profile.of(log, name) for name in log.columns] if log else []
    identity = _id_column(items, columns, log_columns)
    title = _title_column(columns, identity)
    currency = currency_of(columns)
    guesses = [guess_field(c, currency) for c in columns if c.name not in (identity.name, title.name)]
    guesses = [_reserved(guess) if guess.column in ("id", "title") else guess for guess in guesses]
    kept = [guess for guess in guesses if guess.kept]

    inferred: InferredLog | None = None
    if interactions_path is not None:
        ids = frozenset(_ids(identity))
        inferred = infer_log(str(interactions_path.resolve()), log_columns, identity.name, ids)
    policy, reasons = _policy(kept)
    config = Config(
        name=_name(items_path),
        items=ItemsConfig(
            path=str(items_path.resolve()),
            id=identity.name,
            title=title.name,
            text=[guess.column for guess in kept if guess.setting == FieldConfig(type="text")],
            fields={guess.column: guess.setting for guess in kept if guess.setting != FieldConfig(type="text")},
        ),
        interactions=inferred.config if inferred else None,
        policy=policy,
    )
    why = {
        "id": f"{identity.distinct:,} different values in {identity.rows:,} rows",
        "title": "no column seems to hold names" if title is identity else f"for example {_example(title)!r}",
    }
    return InferredConfig(config, why | (dict(inferred.why) if inferred else {}) | reasons, tuple(guesses))


def render_toml(inferred: InferredConfig, folder: Path) -> str:
    """Write a configuration as a commented `concierge.toml` that is to lie in a folder."""
    return render(inferred.config, inferred.why, inferred.fields, folder)


def _id_column(items: Table, columns: list[Profile], log: list[Profile]) -> Profile:
    unique = [column for column in columns if column.is_unique and column.length <= 100]
    if not unique:
        raise DataError(
            f"No column of {str(items.path)!r} can be the id of the items: each has repeats or gaps. The columns are "
            f"{listed(items.columns)}; add one that is different in every row."
        )

    def score(column: Profile) -> float:
        named = _id_hint(column)
        ids = frozenset(_ids(column))
        return named + max((overlap(c, ids) for c in log if named or c.name == column.name), default=0.0)

    return max(unique, key=score)


def _id_hint(column: Profile) -> float:
    if column.words == ("id",):
        return 1.0
    if column.words in (("item", "id"), ("product", "id"), ("article", "id")):
        return 0.9
    if column.named(*_CODES):
        return 0.8
    if column.words[-1:] == ("id",):
        return 0.7
    return 0.0 if column.word_count > 1 else 0.2


def _title_column(columns: list[Profile], identity: Profile) -> Profile:
    named = [
        column
        for column in columns
        if column is not identity and column.filled and column.distinct >= 0.5 * column.filled and column.length <= 200
    ]
    for hint in _TITLES:
        found = [column for column in named if column.named(hint) and not column.parses_as("number")]
        if found:
            return min(found, key=lambda column: len(column.words))
    words = [c for c in named if c.filled >= 0.9 * c.rows and guess_field(c).setting.type == "text" and c.length >= 3]
    words = [column for column in words if guess_field(column).setting.role != "image" and "//" not in _example(column)]
    return max(words, key=lambda column: column.distinct - column.length, default=identity)


def _ids(column: Profile) -> list[str]:
    return [item_id for value in column.counts if (item_id := parse_id(value))]


def _example(column: Profile) -> str:
    return next(iter(column.counts))[:60]


def _reserved(guess: Guess) -> Guess:
    why = f"every item has its own {guess.column!r}, from another column; rename this one in the file to use it"
    return Guess(guess.column, guess.setting, why, kept=False)


def _policy(kept: list[Guess]) -> tuple[PolicyConfig, dict[str, str]]:
    require: list[Constraint] = []
    disclose: list[RuleConfig] = []
    for guess in kept:
        if guess.setting.role == "availability":
            positive = guess.setting.type == "number"
            require.append(Constraint(field=guess.column, op=">" if positive else "==", value=0 if positive else True))
        elif guess.setting.type == "boolean" and Profile(guess.column, 0, {}).named(*_SPONSORED):
            disclose.append(RuleConfig(field=guess.column, op="==", value=True, text="This is a promoted item."))
    reasons = {"require": "never recommend what cannot be had", "disclose": "say so when an item is promoted"}
    return PolicyConfig(require=require, disclose=disclose), reasons


def _name(items_path: Path) -> str:
    path = items_path.resolve()
    stem = path.parent.name if path.stem.casefold() in _PLAIN_NAMES else path.stem
    return stem.replace("_", " ").replace("-", " ").strip().capitalize() or "Catalog"
