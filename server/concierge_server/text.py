"""The compact text of each result: the same facts as the structured content, for hosts that show a model only one."""

from collections.abc import Sequence
from functools import singledispatch
from itertools import groupby

from mcp.types import CallToolResult, TextContent

from concierge_server.explained import Evidence, ExplanationsResult
from concierge_server.results import (
    AvailabilityResult,
    CatalogResult,
    ConstraintResult,
    DetailsResult,
    FeedbackResult,
    FieldValue,
    HistoryResult,
    ItemList,
    ItemResult,
    MentionsResult,
    QuestionResult,
    Result,
    ShownResult,
    UnknownItem,
)


def reply(result: Result) -> CallToolResult:
    """Return a result as structured content and as text."""
    return CallToolResult(
        content=[TextContent(type="text", text=as_text(result))],
        structured_content=result.model_dump(mode="json"),
    )


@singledispatch
def as_text(result: Result) -> str:
    """Return the text of a result; every result of a tool has its own form below."""
    raise TypeError(f"{type(result).__name__} has no text form.")


@as_text.register
def _(result: CatalogResult) -> str:
    lines = [
        f"{result.name}: {result.items} items, {result.users} users, {result.interactions} interactions.",
        f"artifact {result.artifact}, fitted {result.fitted_at}"
        + (f", live values as of {result.live_values_as_of}" if result.live_values_as_of else ""),
        f"models: {', '.join(result.models)}",
        "fields:",
    ]
    for field in result.fields:
        parts = [f"- {field.name} ({field.type}, role {field.role}"]
        parts.append(f", unit {field.unit}" if field.unit else "")
        parts.append(", written by a model" if field.generated else "")
        parts.append(f"; {' '.join(field.operators)})")
        if field.aliases:
            parts.append(f" also called {', '.join(field.aliases)};")
        if field.minimum is not None:
            parts.append(f" {field.minimum} to {field.maximum}")
        if field.quartiles:
            parts.append(f", quartiles {', '.join(map(_value, field.quartiles))}")
        if field.distinct is not None:
            parts.append(f" {field.distinct} values")
        if field.top_values:
            parts.append(": " + ", ".join(f"{_value(v.value)} {v.count}" for v in field.top_values))
        if field.missing:
            parts.append(f"; missing in {field.missing}")
        lines.append("".join(parts))
    policy = result.policy
    lines.append(f"policy: exclude_history {_value(policy.exclude_history)}; max_items {_value(policy.max_items)}")
    lines += [f"- require {_constraint(c)}" for c in policy.require]
    lines += [f"- disclose {_constraint(r.constraint)}: {r.text}" for r in policy.disclose]
    lines += [f"- confirm {_constraint(r.constraint)}: {r.text}" for r in policy.confirm]
    if result.risk is not None:
        kept = f"at most {_value(result.risk.level)} of {result.risk.n} items unwanted, in the mean over users"
        lines.append(f"- risk control of personal recommendations: {kept}")
    if policy.ask_first:
        lines.append(f"- ask first: {', '.join(policy.ask_first)}")
    return "\n".join(lines)


@as_text.register
def _(result: ItemList) -> str:
    head = f"candidates {result.candidates}; {result.total} items of {result.matched} that qualify; {result.basis}"
    lines = [f"{head}; artifact {result.artifact}"]
    lines += _items(result.items)
    if result.next_cursor:
        lines.append(f"next_cursor {result.next_cursor}")
    return "\n".join([*lines, *_notes(result.notes)])


@as_text.register
def _(result: MentionsResult) -> str:
    lines = []
    for m in result.mentions:
        target = f"item {m.item_id} {m.title!r}" if m.kind == "item" else f"{m.field} = {m.value!r}"
        others = ", ".join(
            f"{a.item_id} {a.title!r} {a.score}" if a.item_id else f"{a.field} = {a.value!r} {a.score}"
            for a in m.alternatives
        )
        also = f"; or {others}" if others else ""
        lines.append(f"{m.span[0]}-{m.span[1]} {m.text!r}: {target} ({m.match}, {m.score}){also}")
    return "\n".join(lines) or "The text names nothing in the catalog."


@as_text.register
def _(result: DetailsResult) -> str:
    return "\n".join([f"artifact {result.artifact}", *_items(result.items), *_unknown(result.unknown)])


@as_text.register
def _(result: HistoryResult) -> str:
    lines = [f"{result.user_id}: {result.total} interactions, newest first"]
    for e in result.interactions:
        what = " ".join(part for part in (e.event, _value(e.value) if e.value is not None else None) if part)
        lines.append(" | ".join(part for part in (e.item_id, e.title, what, e.time, e.source) if part))
    if result.next_cursor:
        lines.append(f"next_cursor {result.next_cursor}")
    return "\n".join([*lines, *_notes(result.notes)])


@as_text.register
def _(result: AvailabilityResult) -> str:
    lines = [f"as of {result.as_of}"]
    for e in result.items:
        verdict = "available" if e.available else "not available: unmet " + ", ".join(map(_constraint, e.unmet))
        since = f" | as of {e.as_of}" if e.as_of else ""
        lines.append(f"{e.id} | {e.title} | {verdict} | {_fields(e.fields)}{since}")
    return "\n".join([*lines, *_unknown(result.unknown)])


@as_text.register
def _(result: ExplanationsResult) -> str:
    lines = [f"artifact {result.artifact}"]
    for e in result.items:
        place = f"rank {e.rank}" if e.rank is not None else "not in the list"
        head = f"{e.id} | {_value(e.title)} | score {_value(e.score)} | {place}"
        lines.append(f"{head}{'' if e.recommended else ' | NOT RECOMMENDED'} | {e.short}")
        for reason in e.reasons:
            proof = ", ".join(map(_proof, reason.evidence))
            told = "" if reason.text.casefold() in e.short.casefold() else f": {reason.text}"
            lines.append(f"  - {reason.kind}{told} [{proof}]")
        for layer, parts in groupby(e.contributions, key=lambda c: (c.layer, c.model if c.layer == "member" else "")):
            shares = " ".join(
                f"{c.signal}{f'#{c.rank}' if c.rank is not None else ''} {c.value:+.4g}"
                + (f" (own {c.own:.4g})" if c.own is not None else "")
                for c in parts
            )
            lines.append(f"  {' '.join(filter(None, layer))}: {shares}")
        if e.why_not is not None:
            lines.append(f"  why not: {e.why_not.text}")
            kept_out = ", ".join(f"{kept.kind} ({kept.rule})" for kept in e.why_not.kept_out_by)
            lines.append(f"  kept out by: {kept_out}; changes tried: {e.why_not.tried}")
            if (change := e.why_not.change) is not None:
                taste = f"; {change.taste.kind} {change.taste.item_id}" if change.taste is not None else ""
                filters = ", ".join(map(_constraint, change.filters)) or "none"
                lines.append(f"  change: rank {change.rank} of {change.total}{taste}; filters then: {filters}")
    return "\n".join([*lines, *_unknown(result.unknown), *_notes(result.notes)])


@as_text.register
def _(result: QuestionResult) -> str:
    if result.stop:
        return f"No question: {result.stop}"
    options = "; ".join(
        f"{_value(o.value)} ({o.count})" + (f" = {', '.join(map(_constraint, o.filters))}" if o.filters else "")
        for o in result.options
    )
    gain = f"; gain {_value(result.gain)} bits" if result.gain is not None else ""
    return f"Ask about {result.field}: {result.text} Options: {options}{gain}"


@as_text.register
def _(result: ShownResult) -> str:
    lines = [
        f"{result.status}; candidates {_value(result.candidates)}; artifact {result.artifact}",
        *_items(result.items),
    ]
    if result.question:
        lines.append(as_text(result.question))
    if result.confirmation:
        c = result.confirmation
        lines.append(
            f"Confirmation needed for {', '.join(c.item_ids)}: {c.text} After the user agrees call again with "
            f"confirmation {c.token} (until {c.expires_at})."
        )
    lines += [f"withheld {w.id}: {w.reason}" for w in result.withheld]
    if result.withheld_total > len(result.withheld):
        lines.append(f"withheld: {result.withheld_total} in all")
    return "\n".join([*lines, *_notes(result.notes)])


@as_text.register
def _(result: FeedbackResult) -> str:
    value = f" {_value(result.value)}" if result.value is not None else ""
    return (
        f"{result.status}: {result.event}{value} of {result.item_id} by {result.user_id} at {result.time} ({result.id})"
    )


def _items(items: Sequence[ItemResult]) -> list[str]:
    return [_item(position, item) for position, item in enumerate(items, start=1)]


def _item(position: int, item: ItemResult) -> str:
    parts = [f"{position}. {item.id} | {_value(item.title)}"]
    if item.score is not None:
        parts.append(f"score {_value(item.score)}")
    if item.fields:
        parts.append(_fields(item.fields))
    parts += [f"as of {item.as_of}"] if item.as_of else []
    parts += item.reasons
    parts += [f"DISCLOSE: {text}" for text in item.disclosures]
    if item.needs_confirmation:
        parts.append("NEEDS CONFIRMATION")
    return " | ".join(parts)


def _proof(evidence: Evidence) -> str:
    since = f" as of {evidence.as_of}" if evidence.as_of else ""
    return f"{evidence.item_id}:{evidence.source}:{evidence.name}={_value(evidence.value)}{since}"


def _fields(fields: dict[str, FieldValue]) -> str:
    return "; ".join(f"{name} {_value(value)}" for name, value in fields.items())


def _unknown(unknown: Sequence[UnknownItem]) -> list[str]:
    lines = []
    for u in unknown:
        near = ", ".join(f"{i.id} {i.title!r}" for i in u.close_matches)
        lines.append(f"unknown id {u.id!r}" + (f"; close: {near}" if near else ""))
    return lines


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"note: {note}" for note in notes]


def _constraint(constraint: ConstraintResult) -> str:
    return f"{constraint.field} {constraint.op} {_value(constraint.value)}"


def _value(value: FieldValue | Sequence[object]) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Sequence):
        return ", ".join(f'"{part}"' if "," in str(part) else " ".join(str(part).split()) for part in value) or "none"
    return str(value)
