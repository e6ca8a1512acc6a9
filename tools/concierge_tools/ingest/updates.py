"""Updates: live changes to the items of a catalog, read and checked row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from concierge_tools.config import ItemsConfig
from concierge_tools.data.catalog import ID, TITLE, Catalog
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.errors import DataError, InputError
from concierge_tools.ingest.cells import parse_id
from concierge_tools.ingest.clean import visible
from concierge_tools.ingest.files import merged, parsed
from concierge_tools.ingest.quarantine import Reject, main_reason
from concierge_tools.ingest.tables import Table, read_table


@dataclass(frozen=True, slots=True)
class Updates:
    """What a file changes, and what of it cannot be used."""

    changed: Mapping[str, Mapping[str, FieldValue]]
    """{id of an item of the catalog: {field, or `title`: value}}."""
    added: Mapping[str, Mapping[str, FieldValue]]
    """{id of a new item: its `id`, its `title` and its fields}."""
    rejects: tuple[Reject, ...]
    passed_over: tuple[str, ...] = ()
    """Columns that are no declared field, in a file with titles."""


def read_updates(path: Path, config: ItemsConfig, catalog: Catalog) -> Updates:
    """Read live values: a table with the id column, any declared fields, and the title column where items are added.

    An empty cell is a missing value, but an empty title changes none. A row of the catalog's own items with a cell that
    does not fit is left out as a whole; in a new item, the cell is taken as missing, as a fit would take it. Of several
    rows of one id the last one counts.

    Raises:
        DataError: The file or its id column is missing, a column is not a declared field where the file has no titles,
            or it has nothing to change.
    """
    table = read_table(path)
    table.require(config.id, "id under [items]")
    titled = config.title in table.columns
    declared = {field.name: field for field in catalog.fields}
    others = [name for name in table.columns if name not in (config.id, config.title)]
    fields = [declared[name] for name in others if name in declared]
    passed_over = [name for name in others if name not in declared]
    if titled and config.title in declared:
        fields.append(declared[config.title])
    if passed_over and not titled:
        raise _not_live(catalog, passed_over[0], path)
    if not fields and not titled:
        raise DataError(f"{str(path)!r} has no column beside {config.id!r}; add one for each field to change.")
    changed, added, reasons, cells = _sorted_out(table, config, catalog, fields, titled=titled)
    used = [table.reject(i, why, used=True) for i, why in cells]
    rejects = tuple(sorted([*merged(table, reasons), *used], key=lambda reject: reject.line))
    return Updates(changed, added, rejects, tuple(passed_over))


def read_ids(path: Path, config: ItemsConfig) -> list[str]:
    """Read the id column of a table, whatever else it holds.

    Raises:
        DataError: The file or its id column is missing.
    """
    table = read_table(path)
    table.require(config.id, "id under [items]")
    return [item_id for cell in table.frame[config.id].to_list() if (item_id := parse_id(cell)) is not None]


def nothing_usable(path: Path, rejects: tuple[Reject, ...]) -> str:
    """Say that no row of a file can be used, and the main reason."""
    return f"No row of {str(path)!r} can be used: {main_reason([r for r in rejects if not r.used])}."


def _sorted_out(
    table: Table, config: ItemsConfig, catalog: Catalog, fields: list[Field], *, titled: bool
) -> tuple[dict[str, dict[str, FieldValue]], dict[str, dict[str, FieldValue]], dict[int, str], list[tuple[int, str]]]:
    columns = {field.name: parsed(table, field, config) for field in fields}
    titles = table.frame[config.title].to_list() if titled else [None] * len(table.frame)
    changed: dict[str, dict[str, FieldValue]] = {}
    added: dict[str, dict[str, FieldValue]] = {}
    reasons: dict[int, str] = {}
    cells: list[tuple[int, str]] = []
    for i, cell in enumerate(table.frame[config.id].to_list()):
        item_id, title = parse_id(cell), visible(titles[i] or "")
        values = {name: read[i] for name, (read, _) in columns.items()}
        wrong = [bad[i] for _, bad in columns.values() if i in bad]
        if item_id is None:
            reasons[i] = f"missing id in column {config.id!r}"
        elif item_id in catalog and wrong:
            reasons[i] = wrong[0]
        elif item_id in catalog:
            renamed = title and title != catalog.titles[catalog.position(item_id)]
            changed[item_id] = values | ({TITLE.name: title} if renamed else {})
        elif title:
            added[item_id] = {ID.name: item_id, TITLE.name: title, **values}
            cells += [(i, why) for why in wrong]
        else:
            reasons[i] = f"item not in the catalog, and added only with a title in column {config.title!r}: {item_id!r}"
    return {item_id: values for item_id, values in changed.items() if values}, added, reasons, cells


def _not_live(catalog: Catalog, name: str, path: Path) -> DataError:
    try:
        catalog.field(name)
        reason = f"{name!r} is no column of the items file"
    except InputError as error:
        reason = str(error)
    return DataError(f"Column {name!r} of {str(path)!r} is not a live field: {reason}")
