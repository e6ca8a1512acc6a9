"""Why an item is in a list is told by the list itself, whenever it is asked and as long as the list is kept."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from concierge_agent.answer import Answer
from concierge_agent.plan import Plan, Proposal
from concierge_server.opening import open_state
from concierge_server.state.database import CANDIDATE_SETS
from tests.agent.shop import ScriptedBrain, steps
from tests.server.cinema import fit_cinema
from tests.server.recorded import again, converse

pytestmark = pytest.mark.anyio

SEARCH = Plan.model_validate(
    {
        "steps": [
            {"id": "s1", "tool": "search_catalog", "arguments": {"query": "robots"}},
            {"id": "s2", "tool": "rank_candidates", "arguments": {"candidates": "$s1", "by": "runtime"}},
        ]
    }
)
WHY = Proposal(intent="explanation", present=False, plan=steps(("explain_recommendation", {"item_ids": ["m7"]})))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return fit_cinema(tmp_path)


async def asked_why(store: Path) -> tuple[Answer, Answer]:
    """Show robots and ask why, in one conversation that may have begun before."""
    brain = ScriptedBrain([Proposal(intent="ask", plan=SEARCH), WHY])
    shown, why = await converse(store, "robots, the longest first", "why the first?", user=None, brain=brain)
    return shown, why


async def test_asked_later_the_reasons_are_those_that_the_list_was_shown_with(store: Path) -> None:
    shown, why = await asked_why(store)

    then = next(call for call in shown.trace.calls if call.step == "explain")
    now = next(call for call in why.trace.calls if call.step == "s1")
    assert then.result is not None
    assert now.result is not None
    assert now.arguments["candidates"] == then.arguments["candidates"]
    assert now.result["items"][0] == then.result["items"][0]
    assert now.result["items"][0]["short"] == "Found “robots” in title."
    assert (await again(store, why.trace)).differences == ()


async def test_when_the_list_is_gone_the_question_is_answered_all_the_same(store: Path) -> None:
    await asked_why(store)
    with open_state(store) as (_, engine), engine.begin() as connection:
        connection.execute(delete(CANDIDATE_SETS))

    [why] = await converse(store, "and why again?", user=None, brain=ScriptedBrain([WHY]))

    assert why.error is None
    assert why.method == "scripted"
    assert "**Robots on Land**" in why.reply
