"""How often the agent asks before it shows something."""

import pytest

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer
from concierge_agent.asking import ENOUGH
from concierge_agent.conversation import Conversation
from concierge_agent.local_store import LocalConversations
from concierge_agent.plan import Proposal
from concierge_agent.values import Question
from tests.agent.shop import SEA, ScriptedBrain, Shop, recommend, steps, toolbox_over, wants

pytestmark = pytest.mark.anyio

WHICH = Proposal(intent="ask", question=Question(field="year", text="Which year would you like?"))
IN_WORDS = Proposal(intent="general", reply="What would you like?")


async def asked(*proposals: Proposal, most: int = 3, shop: Shop | None = None) -> list[Answer]:
    """Say "hm" once for each proposal to an agent that may ask `most` questions in a row."""
    conversation, answers = Conversation(id="c1"), []
    async with toolbox_over(shop or Shop()) as toolbox:
        brain, store = ScriptedBrain(proposals), LocalConversations()
        agent = Agent(toolbox._client, brain, None, store, max_questions=most)
        for _ in proposals:
            conversation, answer = await agent.turn(conversation, "hm")
            answers.append(answer)
    return answers


def shows(answers: list[Answer]) -> str:
    """Return a letter per answer: what was shown, asked or said."""
    return "".join("s" if answer.items else "q" if answer.question else "w" for answer in answers)


async def test_after_three_questions_in_a_row_what_there_is_gets_shown() -> None:
    answers = await asked(*[WHICH] * 8)

    assert shows(answers) == "qqqsqqqs"
    assert ENOUGH in answers[3].reply


@pytest.mark.parametrize(("most", "expected"), [(0, "ss"), (1, "qs")])
async def test_the_number_of_questions_is_the_owner_s_to_say(most: int, expected: str) -> None:
    assert shows(await asked(*[WHICH] * 2, most=most)) == expected


async def test_a_question_in_words_counts_as_well() -> None:
    assert shows(await asked(*[IN_WORDS] * 4)) == "wwws"


async def test_what_is_shown_instead_of_a_question_meets_what_was_asked_for() -> None:
    told = WHICH.model_copy(update={"changes": (wants(SEA),)})

    *_, shown = await asked(WHICH, WHICH, WHICH, told)

    assert {item.id for item in shown.items} == {"b1", "b2", "b4", "b6"}
    assert [entry["field"] for entry in shown.ledger] == ["topics"]


async def test_the_plan_that_came_with_a_question_too_many_is_what_is_shown() -> None:
    plan = steps(("search_catalog", {"query": "garden"}))

    *_, shown = await asked(WHICH, WHICH, WHICH, WHICH.model_copy(update={"plan": plan}))

    assert [item.id for item in shown.items] == ["b3"]


async def test_the_store_s_own_question_is_asked_as_often_as_it_takes_and_says_how_to_pass_it_over() -> None:
    shop = Shop(ask_first="topics")

    answers = await asked(*[recommend()] * 5, shop=shop)

    assert shows(answers) == "qqqqq"
    assert 'You can also say "no preference".' in answers[4].reply


async def test_consent_is_asked_for_after_any_number_of_questions() -> None:
    *_, answer = await asked(
        WHICH, WHICH, WHICH, recommend(tool="search_catalog", query="cellar"), shop=Shop(consent=True)
    )

    assert answer.question is not None
    assert "consent" in answer.question.text
