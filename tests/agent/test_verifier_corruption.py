"""The verifier against a catalog that changes under its feet: what was true when it was written must be found false."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.ground import agrees
from concierge_agent.phrases import label, value_words
from concierge_agent.plain_writer import draft as plain_draft
from concierge_agent.trace import Call
from concierge_agent.values import FieldDescription
from concierge_agent.verifier import check
from tests.keeping import keeping

REQUESTS = (
    "A tent under 300 euros",
    "something blue",
    "Recommend something",
    "Backpacks by Alpenor or Corvid",
    "no Eidra",
)
NUMBERS = ("Its {name} is {value}.", "With a {name} of {value}, it fits.", "{name}: {value}.", "It has {value} {name}.")
WORDS = ("Its {name} is {value}.", "{name}: {value}.", "It comes with {value}.", "A choice of {value}.")


@pytest.fixture(scope="module")
def materials(shop_store: Path) -> list[Material]:
    """What writers were given in real turns on the shop."""
    kept = anyio.run(keeping, shop_store, REQUESTS)
    assert all(material.shown is not None for material in kept)
    assert len(kept) == len(REQUESTS)
    return kept


def items(material: Material) -> list[dict[str, Any]]:
    assert material.shown is not None
    assert material.shown.result is not None
    return list(material.shown.result["items"])


def test_the_plain_writer_s_drafts_of_real_turns_raise_no_alarm(materials: list[Material]) -> None:
    assert [check(plain_draft(material), material) for material in materials] == [()] * len(REQUESTS)


@dataclass(frozen=True)
class Statement:
    """A true statement about an item: a claim, and a sentence that says the same."""

    material: Material
    item_id: str
    field: FieldDescription
    value: Any
    sentence: str

    @property
    def is_told_of_the_field(self) -> bool:
        """Whether the sentence is about the field and no other: a word of the title is true of the item."""
        title = next(item["title"] for item in items(self.material) if item["id"] == self.item_id)
        return label(self.field.name) in self.sentence or str(self.value) not in title

    @property
    def draft(self) -> Draft:
        claim = Claim(item_id=self.item_id, name=self.field.name, value=self.value)
        return Draft(items=(DraftItem(id=self.item_id, reason=self.sentence, claims=(claim,)),))


def statement(materials: list[Material], data: st.DataObject) -> Statement:
    material = data.draw(st.sampled_from(materials))
    item = data.draw(st.sampled_from(items(material)))
    fields = [
        f for f in material.context.catalog.fields if f.type != "text" and item["fields"].get(f.name) not in (None, [])
    ]
    field = data.draw(st.sampled_from(fields))
    value = item["fields"][field.name]
    return Statement(material, item["id"], field, value, said(field, value, data.draw))


def said(field: FieldDescription, value: Any, draw: Callable[..., Any]) -> str:
    name = label(field.name)
    if field.type == "boolean":
        frames = ("It is {name}.", "{name}: yes.") if value else ("It is not {name}.", "{name}: no.")
        return str(draw(st.sampled_from(frames)).format(name=name))
    if field.type == "number":
        told = value_words(value, draw(st.sampled_from([None, field.unit])))
        return str(draw(st.sampled_from(NUMBERS)).format(name=name, value=told))
    frame = draw(st.sampled_from(WORDS))
    return str(frame.format(name=name, value=value_words(value)))


def corrupted(field: FieldDescription, value: Any, others: list[Any], draw: Callable[..., Any]) -> Any:
    """Return another value: shifted, in another unit, another item's, or with a value more or less."""
    swapped = st.sampled_from(others) if others else st.nothing()
    if field.type == "boolean":
        return not value
    if field.type == "number":
        shifts = [value + 1, value * 10, value / 10, value * 1000, value * 2.20462, -value - 1]
        return draw(st.one_of(st.sampled_from(shifts), swapped))
    if field.type == "date":
        return draw(
            st.one_of(
                st.sampled_from([f"{int(value[:4]) - 1}{value[4:]}", f"{value[:8]}{31 - int(value[8:]):02}"]), swapped
            )
        )
    if field.type == "tags":
        return draw(st.one_of(st.just(value[1:]), swapped, st.just(["Unheard-of", *value[1:]])))
    return draw(st.one_of(swapped, st.just(f"{value}x")))


def with_value(material: Material, item_id: str, name: str, value: Any) -> Material:
    """Return the material as if every result held another value, and the server had said nothing in words."""
    calls = [call.model_copy(update={"result": copy.deepcopy(call.result)}) for call in material.calls]
    for call in calls:
        for node in nodes(call.result or {}):
            if node.get("id") == item_id:
                if name in node.get("fields", {}):
                    node["fields"][name] = value
                node |= {key: type(node[key])() for key in ("short", "detailed", "reasons", "evidence") if key in node}
            if node.get("item_id") == item_id and node.get("name") == name:
                node["value"] = value
    by_step = {(call.step, call.tool): call for call in calls}

    def same(call: Call | None) -> Call | None:
        return by_step[call.step, call.tool] if call is not None else None

    return replace(material, calls=tuple(calls), shown=same(material.shown), explained=same(material.explained))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for value in node.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                yield from nodes(child)


LONG = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LONG
@given(data=st.data())
def test_a_true_statement_raises_no_alarm(materials: list[Material], data: st.DataObject) -> None:
    told = statement(materials, data)

    assert check(told.draft, told.material) == (), told.sentence


@LONG
@given(data=st.data())
def test_a_statement_about_a_corrupted_field_is_found_false_as_data_and_in_words(
    materials: list[Material], data: st.DataObject
) -> None:
    told = statement(materials, data)
    others = [i["fields"][told.field.name] for i in items(told.material) if i["fields"].get(told.field.name)]
    value = corrupted(told.field, told.value, others, data.draw)
    assume(value not in (None, []) and not agrees(value, told.value))

    problems = check(told.draft, with_value(told.material, told.item_id, told.field.name, value))

    assert any(problem.claim is not None for problem in problems), (told.sentence, value)
    assert any(problem.sentence is not None for problem in problems), (told.sentence, value)


@LONG
@given(data=st.data())
def test_the_sentence_alone_is_found_false_too(materials: list[Material], data: st.DataObject) -> None:
    told = statement(materials, data)
    others = [i["fields"][told.field.name] for i in items(told.material) if i["fields"].get(told.field.name)]
    value = corrupted(told.field, told.value, others, data.draw)
    assume(value not in (None, []) and not agrees(value, told.value))
    assume(told.is_told_of_the_field)
    draft = Draft(items=(DraftItem(id=told.item_id, reason=told.sentence),))

    problems = check(draft, with_value(told.material, told.item_id, told.field.name, value))

    assert [problem.sentence for problem in problems][:1] == [told.sentence], value


@LONG
@given(data=st.data())
def test_a_near_title_is_no_title(materials: list[Material], data: st.DataObject) -> None:
    material = data.draw(st.sampled_from(materials))
    title = str(data.draw(st.sampled_from(items(material)))["title"])
    words, number = title.rsplit(" ", 1)
    near = data.draw(st.sampled_from([f"{title} Deluxe", f"{words} {int(number) + 7}", f"New {title}"]))
    listed = tuple(DraftItem(id=item["id"], reason="") for item in items(material))
    draft = Draft(opening=f"Have a look at {near}.", items=listed)

    assert [p.where for p in check(draft, material)][:1] == ["opening"], near
