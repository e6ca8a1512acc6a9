import pytest

from concierge_agent.conversation import KEPT_WHOLE, Conversation
from concierge_agent.errors import ReplayRefused
from concierge_agent.ledger import Change
from concierge_agent.plan import Proposal
from concierge_agent.rewind import rewound
from concierge_agent.trace import Trace
from concierge_agent.values import Question
from tests.agent.shop import NO_CRIME, SEA, ScriptedBrain, Shop, agent_over, recommend, wants

pytestmark = pytest.mark.anyio

TAKE_BACK = Change(op="retract", entry_id="e1")


async def told() -> tuple[list[Conversation], list[Trace]]:
    """Five turns with a question, wishes that come and go, and items waved away; each state, and each trace."""
    question = Proposal(intent="ask", question=Question(field="topics", text="Which topics would you like?"))
    brain = ScriptedBrain(
        [question, recommend(wants(SEA), exclude=["b6"]), recommend(wants(NO_CRIME)), recommend(TAKE_BACK), recommend()]
    )
    states, traces = [Conversation(id="c1")], []
    async with agent_over(Shop(), brain) as agent:
        for number in range(5):
            after, answer = await agent.turn(states[-1], f"turn {number}")
            states.append(after)
            traces.append(answer.trace)
    return states, traces


async def test_every_state_of_a_conversation_is_rebuilt_from_the_last() -> None:
    states, traces = await told()

    assert states[-1].rejected
    assert states[1].pending is not None
    assert [entry.retracted for entry in states[-1].ledger.entries] == [4, None]
    assert [rewound(states[-1], trace) for trace in traces] == states[:-1]


async def test_a_conversation_whose_past_was_changed_is_refused() -> None:
    states, traces = await told()
    turns = states[-1].turns
    forged = states[-1].model_copy(update={"turns": (turns[0].model_copy(update={"reply": "Forged."}), *turns[1:])})

    with pytest.raises(ReplayRefused, match="went another way"):
        rewound(forged, traces[-1])


async def test_old_turns_lose_their_prose_and_nothing_else_and_their_traces_bring_it_back() -> None:
    brain = ScriptedBrain([recommend(wants(SEA)), *(Proposal(intent="general", reply="Hm.") for _ in range(30))])
    states, traces = [Conversation(id="c1")], list[Trace]()
    async with agent_over(Shop(), brain) as agent:
        for number in range(31):
            after, answer = await agent.turn(states[-1], f"turn {number}")
            states.append(after)
            traces.append(answer.trace)
    last = states[-1]

    assert last.last_items == states[1].last_items != ()
    assert [turn.number for turn in last.turns if turn.reply] == [1, *range(32 - KEPT_WHOLE, 32)]
    assert [turn.text for turn in last.turns] == [f"turn {number}" for number in range(31)]
    assert last.ledger == states[1].ledger
    assert rewound(last, traces[15], traces[:15]) == states[15]
    with pytest.raises(ReplayRefused):
        rewound(last, traces[15])
