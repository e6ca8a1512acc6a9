"""Ingest: the owner's files, read and checked row by row."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from concierge_tools.config import FieldConfig, InteractionsConfig, ItemsConfig
from concierge_tools.data.catalog import ID, TITLE, Catalog
from concierge_tools.data.columns import column_of
from concierge_tools.data.fields import Field, FieldValue
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.ingest.cells import parse_cell, parse_id
from concierge_tools.ingest.clean import visible
from concierge_tools.ingest.distinct import read_distinct, read_times
from concierge_tools.ingest.positives import is_consumed, weigh
from concierge_tools.ingest.quarantine import REPEATED, Reject, main_reason
from concierge_tools.ingest.tables import Table, read_table
from concierge_tools.ingest.times import UNKNOWN


def declared_fields(config: ItemsConfig) -> tuple[Field, ...]:
    """Return the fields that the configuration declares, in order; columns under `text` follow as text.

    Raises:
        DataError: A field takes the name of an item's own `id` or `title`, a text column is typed otherwise, or a
            synonym stands for two values.
    """
    settings = dict(config.fields)
    for name in config.text:
        if name == config.title and name not in config.fields:
            continue
        if settings.setdefault(name, FieldConfig(type="text")).type != "text":
            raise DataError(f"{name!r} stands under text in [items], but [items.fields.{name}] has another type.")
    for name in (ID.name, TITLE.name):
        if name in settings:
            raise DataError(
                f"[items.fields.{name}] cannot be declared: every item has {name!r} as its own, from the column that "
                f"{name} under [items] names. Remove the table, or rename the column in the file."
            )
    return tuple(_field(name, setting) for name, setting in settings.items())


def read_items(config: ItemsConfig, name: str) -> tuple[Catalog, list[Reject]]:
    """Read the catalog file into a catalog called `name`, and the rows and cells that cannot be used.

    A cell that does not fit its field is taken as missing; only a row without id or title is left out.

    Raises:
        DataError: The file or a column is missing, or no row can be used.
    """
    fields = declared_fields(config)
    table = read_table(Path(config.path))
    table.require(config.id, "id under [items]")
    table.require(config.title, "title under [items]")
    for field in fields:
        key = f"[items.fields.{field.name}]" if field.name in config.fields else "text under [items]"
        table.require(field.name, key)

    ids = [parse_id(cell) for cell in table.frame[config.id].to_list()]
    titles = [visible(cell or "") for cell in table.frame[config.title].to_list()]
    reasons: dict[int, str] = {}
    for i, item_id in enumerate(ids):
        if item_id is None:
            reasons[i] = f"missing id in column {config.id!r}"
        elif not titles[i]:
            reasons[i] = f"missing title in column {config.title!r}"
    read = {field.name: parsed(table, field, config) for field in fields}
    values = {name: cells for name, (cells, _) in read.items()}
    _reject_repeats(ids, reasons)

    bad = [table.reject(i, why, used=True) for _, bad in read.values() for i, why in bad.items() if i not in reasons]
    rejects = sorted([*merged(table, reasons), *bad], key=lambda r: r.line)
    kept = [i for i in range(len(ids)) if i not in reasons]
    if not kept:
        raise DataError(f"No row of {config.path!r} can be used: {main_reason(rejects)}.")
    columns = {field.name: column_of(field.type, [values[field.name][i] for i in kept]) for field in fields}
    kept_ids = [item_id for i in kept if (item_id := ids[i]) is not None]
    catalog = Catalog(name=name, fields=fields, ids=kept_ids, titles=[titles[i] for i in kept], columns=columns)
    return catalog, rejects


def read_log(config: InteractionsConfig, catalog: Catalog) -> tuple[Interactions, list[Reject]]:
    """Read the interactions file, and the rows that cannot be used.

    Raises:
        DataError: The file or a column is missing, no row can be used, or what counts as a positive is not well said.
    """
    table = read_table(Path(config.path))
    for key in ("user", "item", "event", "value", "time", "query"):
        column = getattr(config, key)
        if column is not None:
            table.require(column, f"{key} under [interactions]")
    users = read_distinct(table.frame[config.user], parse_id, None)
    items = read_distinct(table.frame[config.item], parse_id, None)
    known = [item is not None and item in catalog for item in items.read]
    values, times = np.full(len(users.rows), np.nan, np.float32), np.full(len(users.rows), UNKNOWN, np.int64)
    reasons: dict[int, str] = {}
    named = np.array([user is not None for user in users.read], np.bool_)[users.rows]
    for i in np.flatnonzero(~(named & np.array(known, np.bool_)[items.rows])).tolist():
        if not named[i]:
            reasons[i] = f"missing user in column {config.user!r}"
        elif (item := items.read[items.rows[i]]) is None:
            reasons[i] = f"missing item in column {config.item!r}"
        else:
            reasons[i] = f"item not in the catalog: {item!r}"
    if config.value is not None:
        numbers = read_distinct(table.frame[config.value], _number, math.nan)
        values = np.array(numbers.read, np.float32)[numbers.rows]
        for i in numbers.bad_rows().tolist():
            reasons.setdefault(i, f"column {config.value!r} is {numbers.wrong[int(numbers.rows[i])]}")
    if config.time is not None:
        times, bad = read_times(table.frame[config.time])
        for i in bad.tolist():
            cell = table.frame[config.time][i]
            reasons.setdefault(i, f"column {config.time!r} is neither ISO nor a count since 1970: {cell!r}")

    rejects = merged(table, reasons)
    kept = np.delete(np.arange(len(users.rows)), list(reasons))
    if not len(kept):
        hint = " Does item under [interactions] name the column with the ids of the catalog?"
        raise DataError(f"No row of {config.path!r} can be used: {main_reason(rejects)}.{hint}")
    rows = len(users.rows)
    happened = table.frame[config.event].str.strip_chars() if config.event else pl.repeat(None, rows, eager=True)
    events = happened.cast(pl.String).gather(kept)
    positions = [catalog.position(item) if item in catalog else -1 for item in (item or "" for item in items.read)]
    interactions = Interactions.coded(
        [user or "" for user in users.read],
        users.rows[kept],
        np.array(positions, np.int32)[items.rows[kept]],
        weights=weigh(config, events, values[kept]),
        values=values[kept],
        events=events,
        times=times[kept],
        consumed=is_consumed(config, events),
    )
    return interactions, rejects


def _number(cell: str | None) -> float:
    value = parse_cell("number", cell)
    return float(value) if isinstance(value, int | float) else math.nan


def _field(name: str, setting: FieldConfig) -> Field:
    claimed: dict[str, str] = {}
    for value, words in setting.synonyms.items():
        for word in words:
            if claimed.setdefault(word.casefold(), value) != value:
                raise DataError(
                    f"In synonyms of [items.fields.{name}], {word!r} stands for both {claimed[word.casefold()]!r} "
                    f"and {value!r}; keep one."
                )
    return Field(
        name=name,
        type=setting.type,
        role=setting.role or ("category" if setting.type == "boolean" else setting.type),
        unit=setting.unit,
        synonyms={value: tuple(words) for value, words in setting.synonyms.items()},
        aliases=tuple(setting.aliases),
        generated=setting.provenance == "generated",
    )


def parsed(table: Table, field: Field, config: ItemsConfig) -> tuple[list[FieldValue], dict[int, str]]:
    """Return a field's values, None where a cell does not fit, and by row what is wrong with those cells."""
    setting = config.fields.get(field.name)
    separator = setting.separator if setting else None
    values: list[FieldValue] = []
    bad: dict[int, str] = {}
    for i, cell in enumerate(table.frame[field.name].to_list()):
        try:
            values.append(parse_cell(field.type, cell, separator, field.unit))
        except ValueError as error:
            values.append(None)
            bad[i] = f"column {field.name!r} is {error}"
    return values, bad


def merged(table: Table, reasons: Mapping[int, str]) -> list[Reject]:
    """Return what could not be read of a table and the rows that are left out for a reason, by line."""
    return sorted([*table.rejects, *(table.reject(i, why) for i, why in reasons.items())], key=lambda r: r.line)


def _reject_repeats(ids: list[str | None], reasons: dict[int, str]) -> None:
    """Keep the first usable row of each id."""
    seen: set[str] = set()
    for i, item_id in enumerate(ids):
        if i in reasons or item_id is None:
            continue
        if item_id in seen:
            reasons[i] = f"{REPEATED}: {item_id!r}"
        seen.add(item_id)
