"""The rules take what they understand, a model takes the rest, and neither speaks on what the other looked up."""

from dataclasses import dataclass, field

import pytest
from mcp import Client

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer, Draft, Preview
from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.errors import BrainError
from concierge_agent.local_store import LocalConversations
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.trace import Routing
from tests.agent.shop import NO_CRIME, SEA, ScriptedBrain, Shop, item, recommend, wants

pytestmark = pytest.mark.anyio

DOWN = BrainError("The model is down.")


@dataclass
class Talk:
    """Rules and a model in one agent, and what came of a turn."""

    rules: ScriptedBrain
    model: ScriptedBrain
    routing: Routing = "auto"
    shop: Shop = field(default_factory=Shop)
    previews: list[Preview] = field(default_factory=list)
    conversation: Conversation = field(default_factory=lambda: Conversation(id="c1"))
    store: LocalConversations = field(default_factory=LocalConversations)

    async def say(self, text: str = "something about the sea") -> Answer:
        async with Client(self.shop.server()) as client:
            agent = Agent(client, self.model, self.rules, self.store, routing=self.routing)
            self.conversation, answer = await agent.turn(self.conversation, text, on_preview=self.previews.append)
        return answer


def rules(*proposals: Proposal) -> ScriptedBrain:
    return ScriptedBrain(proposals, name="rules")


def unsure(proposal: Proposal) -> Proposal:
    return proposal.model_copy(update={"certain": False})


def ids(answer: Answer | Preview) -> list[str]:
    return [shown.id for shown in answer.items]


async def test_what_the_rules_understand_is_answered_without_the_model() -> None:
    talk = Talk(rules(recommend(wants(SEA))), ScriptedBrain([]))

    answer = await talk.say()

    assert ids(answer)
    assert answer.method == "rules (auto)"
    assert (talk.model.problems, talk.previews, answer.trace.aside) == ([], [], ())


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (unsure(recommend()), "not everything was understood"),
        (recommend().model_copy(update={"intent": "explanation"}), "an explanation was asked for"),
    ],
)
async def test_the_model_gets_what_was_not_understood_and_explanations(heard: Proposal, why: str) -> None:
    talk = Talk(rules(heard), ScriptedBrain([recommend(wants(SEA))]))

    assert (await talk.say()).method == f"scripted (auto: {why})"


@pytest.mark.parametrize(("tier", "method"), [("model", "scripted"), ("offline", "rules")])
async def test_a_tier_decides_whatever_was_understood(tier: Routing, method: str) -> None:
    heard = recommend() if tier == "model" else unsure(recommend())
    talk = Talk(rules(heard), ScriptedBrain([recommend()]), tier)

    assert (await talk.say()).method == f"{method} (auto: tier {tier})"


async def test_first_ideas_come_before_the_model_begins_and_leave_no_mark() -> None:
    heard: list[list[str]] = []

    class Model(ScriptedBrain):
        async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
            heard.extend(ids(preview) for preview in talk.previews)
            return await super().plan(context, problems)

    talk = Talk(rules(unsure(recommend(wants(NO_CRIME)))), Model([recommend(wants(SEA), n=1)]))

    answer = await talk.say()

    assert heard == [ids(talk.previews[0])]
    assert len(heard[0]) > 1
    assert ids(answer) == ["b1"]
    assert talk.conversation.ledger.constraints == (SEA,)
    assert talk.conversation.shown == ("b1",)
    assert list(talk.store.traces) == [answer.trace_id]


async def test_first_ideas_ask_nothing_since_only_an_answer_s_question_can_be_answered() -> None:
    talk = Talk(rules(unsure(recommend())), ScriptedBrain([recommend(wants(SEA), n=1)]), shop=Shop(consent=True))

    answer = await talk.say()

    [preview] = talk.previews
    assert "?" not in preview.reply
    assert any((call.result or {}).get("confirmation") for call in answer.trace.aside)
    assert talk.conversation.pending is None


async def test_what_the_rules_looked_up_is_no_ground_for_the_model() -> None:
    details = Plan(steps=(Step(id="s1", tool="get_item_details", arguments={"item_ids": ["b1"]}),))
    look = Proposal(intent="ask", plan=details, present=False)
    lie = Draft(items=(item("b1", "It has 90 pages.", pages=90), item("b3", "It has 120 pages.", pages=120)))
    talk = Talk(rules(unsure(recommend())), ScriptedBrain([look], [lie, lie]))

    answer = await talk.say()

    found = {item["id"] for call in answer.trace.aside for item in (call.result or {}).get("items", ())}
    assert "b3" in found, "the rules did find it"
    assert "Harbour Lights" in answer.reply
    assert "120 pages" not in answer.reply
    assert "The Quiet Garden" not in answer.reply
    assert answer.usage.tool_calls == len(answer.trace.calls) + len(answer.trace.aside)


async def test_when_the_model_fails_the_first_ideas_are_the_answer_and_nothing_runs_twice() -> None:
    talk = Talk(rules(unsure(recommend(wants(SEA)))), ScriptedBrain([DOWN, DOWN]))

    answer = await talk.say()

    assert answer.method == "rules (auto: not everything was understood; scripted failed: The model is down.)"
    assert ids(answer) == ids(talk.previews[0])
    assert [call.tool for call in answer.trace.calls].count("show_recommendations") == 1
    assert talk.conversation.ledger.constraints == (SEA,)
    assert [(reply.brain, reply.aside) for reply in answer.trace.replies] == [
        ("rules", False),
        ("rules", False),
        ("scripted", True),
        ("scripted", True),
    ]


async def test_a_plan_that_records_feedback_waits_for_the_model_and_is_recorded_once() -> None:
    noted = Plan(steps=(Step(id="s1", tool="record_feedback", arguments={"item_id": "b1", "event": "like"}),))
    liked = Proposal(intent="feedback", plan=noted, reply="Noted.", present=False, certain=False)
    taken, failing = Talk(rules(liked), ScriptedBrain([liked])), Talk(rules(liked), ScriptedBrain([DOWN, DOWN]))

    for talk, brain in ((taken, "scripted"), (failing, "rules")):
        answer = await talk.say("I liked Harbour Lights")
        assert (answer.method.partition(" ")[0], len(talk.shop.recorded), talk.previews) == (brain, 1, [])


async def test_rules_whose_look_up_is_refused_leave_the_turn_to_the_model() -> None:
    class Refused(ScriptedBrain):
        async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
            await context.toolbox.call("read_minds", {}, step="look")
            return recommend()

    talk = Talk(Refused([], name="rules"), ScriptedBrain([recommend(wants(SEA))]))

    answer = await talk.say()

    assert answer.method == "scripted (auto: not everything was understood)"
    assert [call.tool for call in answer.trace.aside] == ["read_minds"]
