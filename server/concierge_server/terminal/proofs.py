"""Evidence in words: fields, statistics, and what each liked item adds to a score, under its title."""

from collections.abc import Collection

from concierge_agent.answer import AnswerItem, Evidence
from concierge_agent.phrases import label
from concierge_agent.values import CatalogDescription
from concierge_server.terminal.wording import line, value_text

_SHARES = ("contribution", "history")


def proofs(item: AnswerItem, description: CatalogDescription) -> list[tuple[Evidence, str]]:
    """Return each proof of an item with its words; the titles of other items are used, not listed."""
    title = next((field.name for field in description.fields if field.role == "title"), "title")
    names = {e.item_id: e.value for e in item.evidence if e.name == title and isinstance(e.value, str)}
    found = []
    for proof in item.evidence:
        if proof.item_id != item.id and proof.name == title:
            continue
        found.append((proof, _words(proof, item, names, description)))
    return found


def summary(item: AnswerItem, description: CatalogDescription, *, beside: Collection[str] = ()) -> str:
    """Return an item's evidence on one line; fields named in `beside` go without their values, which stand there."""
    shares: dict[str, None] = {}
    words: dict[str, None] = {}
    for proof, full in proofs(item, description):
        shown = proof.source == "field" and proof.item_id == item.id and proof.name in beside
        kind = shares if proof.source in _SHARES else words
        kind[line(label(proof.name)) if shown else full] = None
    told = [f"score {', '.join(shares)}"] if shares else []
    return " · ".join([*told, *words])


def _words(proof: Evidence, item: AnswerItem, names: dict[str, str], description: CatalogDescription) -> str:
    if proof.source in _SHARES:
        subject = line(names.get(proof.name, label(proof.name)))
        share = isinstance(proof.value, float)
        return f"{subject} {proof.value:+.3g}" if share else _named(subject, proof)
    field = description.field(proof.name) if proof.source == "field" else None
    other = "" if proof.item_id == item.id else f" of {line(names.get(proof.item_id, proof.item_id))}"
    return _named(line(label(proof.name)) + other, proof, field.unit if field else None)


def _named(subject: str, proof: Evidence, unit: str | None = None) -> str:
    return subject if proof.value is None else f"{subject} {value_text(proof.value, unit)}"
