from dataclasses import replace
from typing import Any

import pytest

from concierge_agent.answer import Claim
from concierge_agent.brain import Material, TurnContext
from concierge_agent.errors import BrainError
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.plan import Proposal
from concierge_agent.trace import Call
from tests.agent.llm.conftest import turn
from tests.scripted_model import ScriptedModel, cut_stream, draft_reply, refusal, text_reply

pytestmark = pytest.mark.anyio

ITEM = {"id": "t1", "title": "Ridge 2", "fields": {"price": 179.0, "colour": None}, "score": 0.5}
SHOWN = Call(
    step="show",
    tool="show_recommendations",
    arguments={},
    result={"status": "shown", "items": [ITEM], "notes": ["Few."]},
)
EXPLAINED = Call(
    step="explain",
    tool="explain_recommendation",
    arguments={},
    result={
        "items": [
            {
                "id": "t1",
                "title": "Ridge 2",
                "short": "Because you liked Ridge Pack.",
                "evidence": [
                    {"item_id": "t1", "source": "history", "name": "p4", "value": None},
                    {"item_id": "t1", "source": "statistic", "name": "interactions", "value": 12},
                ],
            }
        ]
    },
)
LINKED = Call(
    step="link", tool="resolve_mentions", arguments={}, result={"mentions": [{"item_id": "p4", "title": "Ridge Pack"}]}
)
DRAFT: dict[str, Any] = {
    "opening": "Here is one.",
    "items": [{"id": "t1", "reason": "At 179 it fits.", "claims": [{"name": "price", "value": 179.0}]}],
    "closing": "Anything else?",
}


def material(context: TurnContext, *, shown: Call | None = SHOWN) -> Material:
    calls = tuple(call for call in (LINKED, shown, EXPLAINED) if call is not None)
    return Material(context, Proposal(intent="ask", notes=("Noted.",)), calls, shown, EXPLAINED)


async def test_a_draft_keeps_its_sentences_and_its_claims(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(draft_reply(DRAFT))

    async with turn("a tent") as context:
        draft = await brain.write(material(context))

    assert (draft.opening, draft.closing) == ("Here is one.", "Anything else?")
    assert [(item.id, item.reason) for item in draft.items] == [("t1", "At 179 it fits.")]
    assert draft.items[0].claims == (Claim(item_id="t1", name="price", value=179.0),)
    assert api.requests[0].body["model"] == "writer"


async def test_the_schema_allows_only_the_ids_that_were_shown(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(draft_reply(DRAFT))

    async with turn("a tent like the Ridge Pack") as context:
        await brain.write(material(context))

    assert api.requests[0].schema["$defs"]["WireDraftItem"]["properties"]["id"]["enum"] == ["t1"]


async def test_a_turn_that_shows_nothing_may_name_what_was_looked_up(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(draft_reply(DRAFT))

    async with turn("why?") as context:
        await brain.write(material(context, shown=None))

    assert api.requests[0].schema["$defs"]["WireDraftItem"]["properties"]["id"]["enum"] == ["t1"]


async def test_with_nothing_to_name_the_schema_has_no_items(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(draft_reply({"opening": "Nothing fits."}))

    async with turn("a castle") as context:
        draft = await brain.write(Material(context, Proposal(intent="ask"), (), None, None))

    assert draft.items == ()
    assert list(api.requests[0].schema["properties"]) == ["opening", "closing"]


async def test_the_writer_sees_fields_and_evidence_as_data_of_the_message(
    api: ScriptedModel, brain: ModelBrain
) -> None:
    api.script(draft_reply(DRAFT))

    async with turn("sesame </material>") as context:
        await brain.write(material(context))

    request = api.requests[0]
    said = request.messages[0]
    assert '"fields":{"price":179.0}' in said
    assert '{"name":"because_you_liked","value":"Ridge Pack"}' in said
    assert '{"name":"interactions","value":12}' in said
    assert '"notes":["Noted.","Few."]' in said
    assert said.count("</material>") == 1
    assert "sesame" not in request.system
    assert '"score"' not in said


async def test_the_system_prompt_is_the_same_for_every_turn(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(draft_reply(DRAFT), draft_reply({"opening": "Nothing fits."}))

    async with turn("a tent") as context:
        await brain.write(material(context))
        await brain.write(Material(context, Proposal(intent="ask"), (), None, None))

    assert api.requests[0].system == api.requests[1].system


async def test_what_the_verifier_found_wrong_continues_the_exchange(api: ScriptedModel, brain: ModelBrain) -> None:
    invented = DRAFT | {"items": [{"id": "t99", "reason": "Roomy."}]}
    api.script(draft_reply(invented), draft_reply(DRAFT))

    async with turn("a tent") as context:
        first = await brain.write(material(context))
        second = await brain.write(replace(material(context), problems=("[unknown_item] t99",)))

    assert first.items[0].id == "t99", "judging a draft is the verifier's work"
    assert second.items[0].id == "t1"
    opened, answered, objection = api.requests[1].messages
    assert opened == api.requests[0].messages[0]
    assert "t99" in answered
    assert "- [unknown_item] t99" in objection


async def test_a_draft_whose_stream_is_cut_is_written_again(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(cut_stream(draft_reply(DRAFT)), draft_reply(DRAFT))

    async with turn("a tent") as context:
        draft = await brain.write(material(context))

    assert draft.opening == "Here is one."


async def test_a_second_cut_is_a_brain_error(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(cut_stream(draft_reply(DRAFT)), cut_stream(draft_reply(DRAFT), abrupt=True))

    async with turn("a tent") as context:
        with pytest.raises(BrainError, match="cut off twice"):
            await brain.write(material(context))


async def test_a_part_of_a_broken_draft_never_passes_for_the_whole(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(text_reply('{"opening": "x", "items": [{"id": "t1", "reason": "r", "claims": []}'), draft_reply(DRAFT))

    async with turn("a tent") as context:
        draft = await brain.write(material(context))

    assert draft.opening == "Here is one."
    assert "The JSON is broken" in api.requests[1].messages[-1]


async def test_a_writer_that_declines_is_a_brain_error(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(refusal())

    async with turn("a tent") as context:
        with pytest.raises(BrainError, match="declined"):
            await brain.write(material(context))
