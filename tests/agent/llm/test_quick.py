"""The quick prompts: small enough for a small model, and a schema that holds only what the turn offers."""

import json
from typing import Any

import pytest

from concierge_agent.answer import AnswerItem, Claim
from concierge_agent.brain import Material
from concierge_agent.conversation import Conversation, Pending, Turn
from concierge_agent.errors import BrainError
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.plan import Proposal
from concierge_agent.values import Constraint, Question
from tests.agent.llm.conftest import brain_over, turn
from tests.agent.llm.test_writing import SHOWN
from tests.scripted_model import Reply, ScriptedModel, json_reply

pytestmark = pytest.mark.anyio

CHEAP = {"field": "price", "op": "<", "value": 200}
CONTEXT = 4096
"""Tokens that the smallest model in view can hold."""


@pytest.fixture
def quick(settings: ModelSettings) -> ModelBrain:
    return brain_over(settings.model_copy(update={"quick": True}))


def planned(**reply: Any) -> Reply:
    return json_reply({"intent": "ask", "action": "search_catalog", "text": "tent"} | reply)


async def test_a_plan_of_one_action_becomes_a_proposal(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned(likes=["p4"], filters=[CHEAP], text="stable"))

    async with turn("I love my Ridge Pack. Something stable under 200.") as context:
        proposal = await quick.plan(context)

    price, like = (change.entry for change in proposal.changes)
    assert price is not None
    assert price.constraint == Constraint(field="price", op="<", value=200)
    assert like is not None
    assert (like.kind, like.item_id) == ("like", "p4")
    assert [(s.tool, s.arguments) for s in proposal.plan.steps] == [("search_catalog", {"query": "stable"})]


async def test_the_schema_offers_this_turns_items_values_and_tools_alone(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned())

    async with turn("a Ridge Pack") as context:
        await quick.plan(context)

    properties = api.requests[0].schema["properties"]
    assert properties["likes"]["items"]["enum"] == ["p4"]
    assert properties["action"]["enum"] == ["search_catalog", "get_similar_items", "reply"]
    assert "filters" not in properties, "the message names no value and no number"
    assert "retract" not in properties
    assert "consent" not in properties


async def test_what_the_turn_does_not_offer_is_dropped(api: ScriptedModel, quick: ModelBrain) -> None:
    red = {"field": "colour", "op": "==", "value": "Red"}
    api.script(planned(likes=["t1"], filters=[red, CHEAP, {"field": "mood", "op": "==", "value": 1}], retract=["e9"]))

    async with turn("a tent") as context:
        proposal = await quick.plan(context)

    assert proposal.changes == ()


async def test_a_number_that_nobody_said_goes_back(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned(filters=[CHEAP | {"value": 200}]), planned(filters=[CHEAP | {"value": 120}]))

    async with turn("under two hours") as context:
        proposal = await quick.plan(context)

    assert "does not say 200" in api.requests[1].messages[-1]
    entry = proposal.changes[0].entry
    assert entry is not None
    assert entry.constraint == Constraint(field="price", op="<", value=120)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("from the 90s", 1990),
        ("from the nineties", 1999),
        ("before 1980", 1980),
        ("two hours", 120),
        ("like that", 180),
    ],
)
async def test_numbers_are_taken_in_the_forms_that_people_say_them(
    text: str, value: int, api: ScriptedModel, quick: ModelBrain
) -> None:
    api.script(planned(filters=[CHEAP | {"value": value}]))

    async with turn(f"{text}, cheaper than the first", _limited()) as context:
        proposal = await quick.plan(context)

    assert proposal.changes


async def test_an_item_that_was_only_shown_is_liked_in_feedback_alone(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned(likes=["t2"]), planned(likes=["t2"], intent="feedback"))

    async with turn("another one", _limited()) as context:
        asked = await quick.plan(context)
    async with turn("I like the first", _limited()) as context:
        told = await quick.plan(context)

    assert asked.changes == ()
    assert [change.entry and change.entry.item_id for change in told.changes] == ["t2"]


async def test_a_constraint_is_retracted_only_when_the_message_concerns_it(
    api: ScriptedModel, quick: ModelBrain
) -> None:
    api.script(planned(retract=["e1"]), planned(retract=["e1"]), planned(retract=["e1"], filters=[CHEAP]))
    kept: list[bool] = []

    for text in ("a tent", "any price is fine", "up to 200"):
        async with turn(text, _limited()) as context:
            kept.append(all(change.op != "retract" for change in (await quick.plan(context)).changes))

    assert kept == [True, False, False]


async def test_a_consent_is_taken_only_when_one_is_pending(api: ScriptedModel, quick: ModelBrain) -> None:
    agreed = planned(action="reply", text="Fine.", consent=True)
    api.script(agreed, agreed)
    pending = Pending(kind="consent", question=Question(field=None, text="Show it?"), confirmation="token-canary")

    async with turn("yes", Conversation(id="c_1", pending=pending)) as context:
        waiting = await quick.plan(context)
    async with turn("yes") as context:
        idle = await quick.plan(context)

    assert [change.entry and change.entry.value for change in waiting.changes] == ["token-canary"]
    assert idle.changes == ()
    assert "token-canary" not in json.dumps([request.body for request in api.requests])


async def test_an_action_that_is_not_offered_goes_back_once(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned(action="show_recommendations"), planned(action="get_similar_items", items=[]))

    async with turn("a Ridge Pack") as context:
        with pytest.raises(BrainError, match="get_similar_items needs the ids"):
            await quick.plan(context)

    assert "is none of search_catalog" in api.requests[1].messages[-1]


async def test_the_reason_of_an_item_is_worded_from_the_catalog(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(json_reply({"items": [{"id": "t1", "tell": ["price", "magic"]}]}))

    async with turn("a tent") as context:
        draft = await quick.write(Material(context, Proposal(intent="ask"), (SHOWN,), SHOWN, None))

    assert draft.items[0].reason == "Price: 179 EUR."
    assert draft.items[0].claims == (Claim(item_id="t1", name="price", value=179.0),)
    told = api.requests[0].schema["properties"]["items"]["items"]["properties"]
    assert (told["id"]["enum"], told["tell"]["items"]["enum"]) == (["t1"], ["price"])


async def test_an_item_the_model_leaves_out_is_shown_all_the_same(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(json_reply({"items": []}))

    async with turn("a tent") as context:
        draft = await quick.write(Material(context, Proposal(intent="ask"), (SHOWN,), SHOWN, None))

    assert [item.id for item in draft.items] == ["t1"]


async def test_both_prompts_leave_room_in_a_small_context(api: ScriptedModel, quick: ModelBrain) -> None:
    api.script(planned(), json_reply({"items": []}))

    async with turn("a Ridge Pack under 200", _limited()) as context:
        await quick.plan(context)
        await quick.write(Material(context, Proposal(intent="ask"), (SHOWN,), SHOWN, None))

    for request in api.requests:
        size = len(request.system) + sum(map(len, request.messages))
        assert size / 3 < CONTEXT / 2, "at three characters a token, half the context is left"
        assert request.body["max_tokens"] == 512


def _limited() -> Conversation:
    """A conversation with a price limit and one item shown."""
    limit = Entry(id="", kind="constraint", turn=0, text="under 300", constraint=Constraint(**CHEAP | {"value": 300}))
    shown = AnswerItem(id="t2", title="Dune 4", reason="", fields={"price": 180})
    return Conversation(
        id="c_1",
        turns=(Turn(number=1, text="under 300", reply="Dune 4.", intent="ask", items=(shown,)),),
        ledger=Ledger().apply([Change(op="add", entry=limit)], turn=1),
    )
