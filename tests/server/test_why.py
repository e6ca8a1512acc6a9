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


async def test_why_not_is_answered_with_what_kept_it_out_and_a_change_that_was_tried(store: Path) -> None:
    shown, missing = await converse(
        store,
        "I liked Paper Moons, show me comedies of at most 90 minutes",
        "Why didn't you show me Last Laugh?",
        user=None,
    )

    call = next(call for call in missing.trace.calls if call.tool == "explain_recommendation")
    assert call.result is not None
    why_not = call.result["items"][0]["why_not"]
    assert call.arguments["candidates"] is not None
    assert call.arguments["n"] == len(shown.items)
    assert why_not["change"]["relaxed"][0]["to"]["value"] == 101
    assert missing.reply == f"- **Last Laugh** – {why_not['text']}"
    assert missing.method == "offline"
    assert not [note for note in missing.trace.notes if note.startswith("cut")]
    assert (await again(store, missing.trace)).differences == ()


@pytest.mark.parametrize(
    "text", ["why not {}?", "Why wasn't {} recommended?", "what kept {} out?", "how come {} is not there?"]
)
async def test_why_not_is_understood_in_other_words(store: Path, text: str) -> None:
    *_, missing = await converse(store, "show me dramas", text.format("Robots at Sea"), user=None)
    assert "**Robots at Sea** – Not among the first" in missing.reply
    assert "genres: Drama (it is Animation, Comedy)" in missing.reply


async def test_a_title_that_is_not_here_is_said_not_to_be_and_what_is_close(store: Path) -> None:
    *_, missing = await converse(store, "show me dramas", "Why didn't you recommend Zorbatron Returns?", user=None)
    assert missing.reply.startswith("Nothing in the catalog is called “Zorbatron Returns”")


async def test_a_rule_of_the_user_s_own_is_not_offered_up(store: Path) -> None:
    *_, missing = await converse(
        store, "I never watch comedies, remember that always", "show me something", "why not Paper Moons?", user="ann"
    )
    call = next(call for call in missing.trace.calls if call.tool == "explain_recommendation")
    assert call.result is not None
    why_not = call.result["items"][0]["why_not"]
    assert [k["rule"] for k in why_not["kept_out_by"] if k["kind"] == "filter"] == ["user"]
    assert why_not["change"] is None
