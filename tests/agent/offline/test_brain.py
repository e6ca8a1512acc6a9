"""The offline brain at its edges: plans that chain, notes that tell, problems that are left aside."""

import pytest

from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.plan import Proposal
from concierge_agent.tools import Toolbox
from concierge_agent.trace import Usage
from concierge_agent.values import CatalogDescription
from tests.agent.offline.conftest import World, connect

pytestmark = pytest.mark.anyio


async def propose(text: str, world: World, *problems: str, user_id: str | None = None) -> tuple[Proposal, Toolbox]:
    async with connect(world) as client:
        listed = await client.list_tools()
        toolbox = Toolbox(client, {tool.name: tool for tool in listed.tools})
        catalog = CatalogDescription.model_validate(world.description())
        conversation = Conversation(id="c", user_id=user_id)
        context = TurnContext(text=text, conversation=conversation, catalog=catalog, toolbox=toolbox)
        return await OfflineBrain().plan(context, problems), toolbox


async def test_soft_constraints_move_to_the_front_without_filtering(worlds: dict[str, World]) -> None:
    proposal, _ = await propose("a comedy, ideally from the 90s", worlds["films"])

    first, narrowed, joined = proposal.plan.steps
    assert first.arguments["filters"] == [{"field": "genres", "op": "contains", "value": "Comedy"}]
    assert [f["field"] for f in narrowed.arguments["filters"]] == ["year", "year"]
    assert joined.arguments == {"operation": "union", "candidates": ["$s1", "$s2"]}


async def test_every_retrieval_step_carries_the_hard_constraints(worlds: dict[str, World]) -> None:
    proposal, _ = await propose("something like Heat, under 150 minutes", worlds["films"])

    filters = [s.arguments["filters"] for s in proposal.plan.steps if "filters" in s.arguments]
    assert filters == [[{"field": "runtime", "op": "<", "value": 150}]]


async def test_words_nothing_mentions_are_named_and_left_aside(worlds: dict[str, World]) -> None:
    proposal, _ = await propose("a comedy about submarines", worlds["films"])

    assert [step.tool for step in proposal.plan.steps] == ["recommend_for_user"]
    assert any("submarines" in note for note in proposal.notes)


async def test_a_constraint_that_a_tool_refused_is_left_aside_with_a_note(worlds: dict[str, World]) -> None:
    refused = "Field 'runtime' does not take this value."

    proposal, _ = await propose("a comedy under 90 minutes", worlds["films"], refused)

    stated = [c.entry.constraint.field for c in proposal.changes if c.entry and c.entry.constraint]
    assert stated == ["genres"]
    assert any("left that aside" in note for note in proposal.notes)


async def test_nothing_understood_asks_the_question_that_helps_most(worlds: dict[str, World]) -> None:
    proposal, toolbox = await propose("blorp fizzle", worlds["films"])

    assert proposal.question is not None
    assert proposal.question.field == "genres"
    assert [call.tool for call in toolbox.calls][-1] == "suggest_question"


async def test_a_bare_number_that_could_be_anything_is_asked_about(worlds: dict[str, World]) -> None:
    proposal, _ = await propose("more than 40", worlds["shop"])

    assert proposal.reply == "Is 40 about price or battery_life?"


async def test_history_needs_somebody(worlds: dict[str, World]) -> None:
    stranger, _ = await propose("what have I watched?", worlds["films"])
    known, _ = await propose("what have I watched?", worlds["films"], user_id="u1")

    assert stranger.plan.steps == ()
    assert [step.tool for step in known.plan.steps] == ["get_user_history"]


async def test_a_usual_turn_needs_few_calls(worlds: dict[str, World]) -> None:
    _, toolbox = await propose("a crime film about a heist with Brad Pitt, under 130 minutes", worlds["films"])

    assert len(toolbox.calls) <= 4


async def test_the_count_asked_for_ends_the_plan(worlds: dict[str, World]) -> None:
    proposal, _ = await propose("give me three comedies", worlds["films"])

    assert proposal.plan.steps[-1].arguments["n"] == 3


def test_nothing_is_ever_spent() -> None:
    assert OfflineBrain().take_usage() == Usage()


@pytest.mark.parametrize(
    "text", ["💥", "?!", "     ", "a" * 5000, "not not not", "than the the", "\x00", "or, and; but"]
)
async def test_odd_texts_do_no_harm(text: str, worlds: dict[str, World]) -> None:
    proposal, _ = await propose(text, worlds["films"])

    assert proposal.changes == ()
