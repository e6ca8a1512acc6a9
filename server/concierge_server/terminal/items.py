"""The items of an answer: a table where the width allows, else a list."""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from concierge_agent.answer import Answer, AnswerItem
from concierge_agent.phrases import label
from concierge_agent.values import CatalogDescription, FieldDescription
from concierge_server.terminal.proofs import summary
from concierge_server.terminal.wording import MOST_VALUES, line, value_text

MOST_FIELDS = 4
_TITLE = 30
"""Widest title column."""
_REASON = 36
"""Narrowest reason column."""
_CELL = 20
"""Widest field column."""
_FEWEST_COLUMNS = 2
"""With room for fewer field columns, a list says more than a table."""
_ROLES = ("price", "date", "tags", "category", "number", "availability")


def presented(answer: Answer, description: CatalogDescription, *, width: int, evidence: bool) -> RenderableType:
    """Return the items with their key fields, reasons and disclosures, and, when asked for, their evidence."""
    items = answer.items
    constrained = [str(entry["field"]) for entry in answer.ledger if entry.get("kind") == "constraint"]
    fields = key_fields(items, description, list(dict.fromkeys(constrained)))
    columns = _fitting(items, fields, width)
    proofs = ["" for _ in items]
    if evidence:
        beside = [field.name for field in (fields if columns is None else columns)]
        proofs = [summary(item, description, beside=beside) for item in items]
    if columns is None:
        return _list(items, fields, proofs)
    return _table(items, columns, proofs)


def key_fields(
    items: Sequence[AnswerItem], description: CatalogDescription, constrained: Sequence[str] = ()
) -> list[FieldDescription]:
    """Return up to four fields worth a column: those the user constrained first, then by role; never generated text.

    Tags that come in long lists stand behind everything else.
    """
    known = [
        field
        for field in description.fields
        if field.role in _ROLES and not field.generated and any(item.fields.get(field.name) for item in items)
    ]
    order = {name: position for position, name in enumerate(constrained)}
    known.sort(key=lambda f: (order.get(f.name, len(order)), _is_long(f, items), _ROLES.index(f.role)))
    return known[:MOST_FIELDS]


def _is_long(field: FieldDescription, items: Sequence[AnswerItem]) -> bool:
    sizes = [len(value) for item in items if isinstance(value := item.fields.get(field.name), list)]
    return sum(sizes) > MOST_VALUES * len(sizes)


def numbered() -> Table:
    """Return an empty grid of numbers and what hangs beside them."""
    rows = Table.grid(padding=(0, 1))
    rows.add_column(justify="right", style="dim", no_wrap=True)
    rows.add_column()
    return rows


def _fitting(
    items: Sequence[AnswerItem], fields: Sequence[FieldDescription], width: int
) -> list[FieldDescription] | None:
    """Return the fields that fit beside title and reason, in their order; None when a table would be cramped."""
    title = min(_TITLE, max(len(line(item.title)) for item in items))
    room = width - (len(str(len(items))) + 2) - (title + 2) - (_REASON + 2)
    columns = []
    for field in fields:
        cells = [value_text(item.fields.get(field.name), field.unit) for item in items]
        needed = 2 + min(_CELL, max(map(len, [label(field.name), *cells])))
        if needed <= room:
            columns.append(field)
            room -= needed
    return columns if room >= 0 and len(columns) >= min(_FEWEST_COLUMNS, len(fields)) else None


def _table(items: Sequence[AnswerItem], fields: Sequence[FieldDescription], proofs: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, leading=1, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("", justify="right", style="dim", no_wrap=True)
    table.add_column("title", style="bold", max_width=_TITLE)
    for field in fields:
        right = field.type == "number"
        table.add_column(line(label(field.name)), justify="right" if right else "left", max_width=_CELL)
    table.add_column("why", ratio=1, min_width=_REASON)
    for number, (item, proof) in enumerate(zip(items, proofs, strict=True), start=1):
        cells = [Text(value_text(item.fields.get(field.name), field.unit)) for field in fields]
        table.add_row(str(number), Text(line(item.title)), *cells, Group(*_words(item, proof)))
    return table


def _list(items: Sequence[AnswerItem], fields: Sequence[FieldDescription], proofs: Sequence[str]) -> Table:
    rows = numbered()
    for number, (item, proof) in enumerate(zip(items, proofs, strict=True), start=1):
        facts = " · ".join(
            f"{line(label(field.name))} {value_text(item.fields.get(field.name), field.unit)}"
            for field in fields
            if item.fields.get(field.name) not in (None, [])
        )
        parts = [Text(line(item.title), style="bold"), *([Text(facts)] if facts else []), *_words(item, proof)]
        if number < len(items):
            parts.append(Text())
        rows.add_row(f"{number}.", Group(*parts))
    return rows


def _words(item: AnswerItem, proof: str) -> list[Text]:
    words = [Text(line(item.reason))] if item.reason else []
    words += [Text(f"! {line(disclosure)}", style="yellow") for disclosure in item.disclosures]
    if item.needs_confirmation:
        words.append(Text("! Needs your confirmation first.", style="yellow"))
    if proof:
        words.append(Text(f"evidence: {proof}", style="dim"))
    return words
