"""A recorded turn runs again to the same bytes, on what it ran on then, or is refused with what has changed."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from concierge_agent.answer import Answer, Claim, Draft, DraftItem
from concierge_agent.ballots import Ballots
from concierge_agent.brain import Slate, TurnContext
from concierge_agent.errors import BrainError, ReplayRefused
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.trace import RankingSettings, Trace
from concierge_server.opening import open_desk, open_state
from concierge_server.replaying import replay
from concierge_server.state.database import CONFIRMATIONS, METADATA, open_database
from concierge_tools.config import load_config
from concierge_tools.errors import StoreError
from concierge_tools.fit import fit
from concierge_tools.storage.store import KEPT, Store
from tests.agent.shop import ScriptedBrain
from tests.server.cinema import fit_cinema
from tests.server.recorded import again, agent_on, converse

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema"), 'ask_first = ["services"]\n')


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_cinema(tmp_path_factory.mktemp("cinema")).parent


@pytest.fixture
def own_store(fitted: Path, tmp_path: Path) -> Path:
    """A store to be changed, beside its data."""
    shutil.copytree(fitted, tmp_path / "cinema")
    return tmp_path / "cinema" / "store"


def rows(store: Path) -> dict[str, int]:
    with open_state(store) as (_, engine), engine.connect() as connection:
        count = {t.name: connection.execute(select(func.count()).select_from(t)) for t in METADATA.sorted_tables}
        return {name: found.scalar_one() for name, found in count.items()}


async def test_every_turn_of_a_conversation_comes_out_the_same_and_nothing_is_written(store: Path) -> None:
    question, consent, shown, *rest, abstained = await converse(
        store,
        "a comedy, please",
        "netflix",
        "yes",
        "why the first one?",
        "more",
    )
    assert question.question is not None
    assert consent.question is not None
    assert [item.id for item in shown.items] == ["m4"]
    assert abstained.abstained
    before = rows(store)

    for answer in (question, consent, shown, *rest, abstained):
        replayed = await again(store, answer.trace)
        assert replayed.differences == ()
        assert replayed.answer.reply == answer.reply

    assert rows(store) == before


async def test_consent_that_was_given_in_time_holds_in_a_replay_after_it_expired(store: Path) -> None:
    *_, shown = await converse(store, "a comedy on netflix", "yes", conversation="c2")
    with open_state(store) as (_, engine), engine.begin() as connection:
        connection.execute(delete(CONFIRMATIONS))

    assert [item.id for item in shown.items] == ["m4"]
    assert (await again(store, shown.trace)).differences == ()


async def test_a_guest_s_turn_comes_out_the_same(store: Path) -> None:
    [answer] = await converse(store, "a drama on netflix", conversation="c3", user=None)

    assert (await again(store, answer.trace)).differences == ()


async def test_what_differs_is_told_line_by_line(store: Path) -> None:
    [answer] = await converse(store, "a drama on netflix", conversation="c4")
    told = dict(answer.trace.answer or {}) | {"reply": "First line.\nSecond line."}
    forged = answer.trace.model_copy(update={"answer": told, "notes": ("forged",)})

    replayed = await replayed_as(store, forged)

    assert '-   "Second line."' in replayed
    assert '-  "forged"' in replayed


async def replayed_as(store: Path, trace: Trace) -> tuple[str, ...]:
    with open_state(store) as (opened, engine):
        return (await replay(opened, engine, trace)).differences


SEARCH = Plan(steps=(Step(id="s1", tool="search_catalog", arguments={"query": "harbour"}),))
GOOD = Draft(
    opening="Here is one.",
    items=(DraftItem(id="m1", reason="Short.", claims=(Claim(item_id="m1", name="runtime", value=95),)),),
)
INVENTED = Draft(opening="Here is one.", items=(DraftItem(id="m99", reason="A gem."),))


def proposal(plan: Plan) -> Proposal:
    return Proposal(intent="ask", plan=plan)


async def test_a_model_s_replies_are_said_again_with_repairs_and_cuts_and_the_model_is_not_asked(
    own_store: Path,
) -> None:
    wrong = Plan(steps=(Step(id="s1", tool="read_minds", arguments={}),))
    brain = ScriptedBrain([proposal(wrong), proposal(SEARCH)], [INVENTED, GOOD])
    [answer] = await converse(own_store, "a harbour", brain=brain)

    replayed = await again(own_store, answer.trace)

    assert answer.method == "scripted"
    assert [item.id for item in answer.items] == ["m1"]
    assert [reply.kind for reply in answer.trace.replies] == ["plan", "plan", "write", "write"]
    assert any("m99" in note for note in answer.trace.notes)
    assert replayed.differences == ()


@pytest.mark.parametrize("failing", ["planner", "writer"])
async def test_a_model_that_failed_fails_again_and_the_rules_take_over(own_store: Path, failing: str) -> None:
    down = BrainError("The model is down.")
    plans: list[Proposal | BrainError] = [down, down] if failing == "planner" else [proposal(SEARCH)]
    [answer] = await converse(own_store, "a harbour", brain=ScriptedBrain(plans, [down]))

    assert "scripted failed" in answer.method
    assert (await again(own_store, answer.trace)).differences == ()


class LookingBrain(ScriptedBrain):
    """Looks something up before it plans, and plans with the handle it found."""

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        found = await context.toolbox.call("search_catalog", {"query": "robots"}, step="look")
        return proposal(
            Plan(steps=(Step(id="s1", tool="rank_candidates", arguments={"candidates": found["candidates"]}),))
        )


async def test_a_model_s_own_look_ups_are_made_again_and_its_handles_follow(own_store: Path) -> None:
    [answer] = await converse(own_store, "robots", brain=LookingBrain([]))

    assert answer.trace.replies[0].calls == 1
    assert {item.id for item in answer.items} == {"m6", "m7"}
    assert (await again(own_store, answer.trace)).differences == ()


class RankingBrain(ScriptedBrain):
    """Orders candidates backwards in every sample, or fails to."""

    fails = False

    async def rank(self, slate: Slate) -> Ballots:
        if self.fails:
            raise BrainError("The model is down.")
        ids = [row["id"] for row in slate.candidates]
        return Ballots(samples=(("m99", *ids[::-1]),) * slate.context.ranking.samples)


RANKED = RankingSettings(candidates=50, samples=3, variety=0.3)


@pytest.mark.parametrize("fails", [False, True], ids=["ranks", "fails"])
async def test_a_model_s_order_is_said_again_with_what_was_dropped_from_it(own_store: Path, fails: bool) -> None:
    plan = Plan(steps=(Step(id="s1", tool="recommend_for_user"),))
    brain = RankingBrain([proposal(plan)])
    brain.fails = fails
    [answer] = await converse(own_store, "something nice", brain=brain, ranking=RANKED)

    replayed = await again(own_store, answer.trace)

    assert [reply.kind for reply in answer.trace.replies] == ["plan", "rank", "write"]
    assert any(("down" if fails else "m99") in note for note in answer.trace.notes)
    assert {item.agreement for item in answer.items} == ({None} if fails else {1.0})
    assert replayed.differences == ()


async def test_a_turn_runs_on_the_artifact_it_ran_on_until_that_is_gone(own_store: Path) -> None:
    [answer] = await converse(own_store, "something animated")
    config = own_store.parent / "concierge.toml"
    config.write_text(config.read_text().replace("Hand-made cinema", "Another cinema"))
    fit(load_config(config), Store(own_store), quiet=True)

    assert (await again(own_store, answer.trace)).differences == ()

    for _ in range(KEPT - 1):
        Store(own_store).publish(lambda folder: None)
    with pytest.raises(StoreError, match=r"is gone; the store keeps the last 3"):
        await refused(own_store, answer.trace)


async def refused(store: Path, trace: Trace) -> None:
    engine = open_database(Store(store).default_state_url)
    try:
        await replay(Store(store), engine, trace)
    finally:
        engine.dispose()


async def test_changed_live_values_refuse_a_replay_and_are_named(own_store: Path) -> None:
    [answer] = await converse(own_store, "something animated")
    with open_desk(own_store) as desk:
        desk.live.update({"m7": {"stock": 0}})

    with pytest.raises(StoreError, match=r"live values have changed \(revision 0 then, 1 now\)"):
        await again(own_store, answer.trace)


async def test_later_feedback_is_left_aside_and_feedback_taken_back_refuses_a_replay(own_store: Path) -> None:
    with open_desk(own_store) as desk:
        desk.feedback.record("owner", "ann", "m6", "like", None, None)
        desk.feedback.record("owner", "bob", "m6", "like", None, None)
    [answer] = await converse(own_store, "recommend me something")
    with open_desk(own_store) as desk:
        desk.feedback.record("owner", "ann", "m1", "like", None, None)
        desk.feedback.undo("owner", "bob", "m6", "like", None)

    assert (await again(own_store, answer.trace)).differences == ()

    with open_desk(own_store) as desk:
        desk.feedback.undo("owner", "ann", "m6", "like", None)
    with pytest.raises(StoreError, match=r"the feedback of 'ann' has changed \(of 1 events then, 0 stand\)"):
        await again(own_store, answer.trace)


async def test_feedback_that_a_turn_records_is_recorded_again_in_the_replay_alone(own_store: Path) -> None:
    liked = Plan(steps=(Step(id="s1", tool="record_feedback", arguments={"item_id": "m1", "event": "like"}),))
    noted = Proposal(intent="feedback", plan=liked, reply="Noted.", present=False)
    [answer] = await converse(own_store, "I liked Quiet Harbour", brain=ScriptedBrain([noted]))

    assert (await again(own_store, answer.trace)).differences == ()
    with open_desk(own_store) as desk:
        assert [event.event for event in desk.feedback.of("ann")] == ["like"]


async def test_a_conversation_that_went_another_way_refuses_a_replay(own_store: Path) -> None:
    await converse(own_store, "something animated")
    async with agent_on(own_store) as one, agent_on(own_store) as other:
        held = one.conversation("c1")
        changed, _ = await one.turn(held, "a comedy")
        _, answer = await one.turn(changed, "more")
        await other.turn(held, "a drama")

    with pytest.raises(ReplayRefused, match="went another way"):
        await again(own_store, answer.trace)


async def test_a_trace_of_an_older_version_is_read_and_its_replay_refused(own_store: Path) -> None:
    await converse(own_store, "hello")
    old = Trace.model_validate({"id": "tr_1", "conversation": "c1", "turn": 1, "text": "hello", "calls": []})

    with pytest.raises(ReplayRefused, match="recorded by a version that kept too little"):
        await refused(own_store, old)


async def ranked(store: Path) -> Answer:
    plan = Plan(
        steps=(
            Step(id="s1", tool="search_catalog", arguments={"query": "robots harbour", "n": 10}),
            Step(id="s2", tool="rank_candidates", arguments={"candidates": "$s1", "by": "popularity"}),
        )
    )
    [answer] = await converse(store, "robots", brain=ScriptedBrain([proposal(plan)]))
    return answer


async def test_a_changed_step_runs_on_from_there_and_the_rest_of_the_plan_stays(own_store: Path) -> None:
    answer = await ranked(own_store)

    replayed = await again(own_store, answer.trace, 's2.arguments={"by": "runtime", "descending": false}')

    times = {"m6": 80, "m7": 84, "m1": 95}
    assert [item.id for item in replayed.answer.items] == sorted(times, key=times.__getitem__)
    assert [item.id for item in answer.items] != [item.id for item in replayed.answer.items]
    assert replayed.answer.trace.plan.steps[0] == answer.trace.plan.steps[0]
    assert replayed.differences


async def test_a_change_of_a_step_that_is_not_there_names_those_that_are(own_store: Path) -> None:
    answer = await ranked(own_store)

    with pytest.raises(ValueError, match=r"No step 's7' in the plan; its steps are s1, s2"):
        await again(own_store, answer.trace, "s7.arguments.n=1")


async def test_a_change_that_no_tool_takes_is_told(own_store: Path) -> None:
    answer = await ranked(own_store)

    replayed = await again(own_store, answer.trace, 's2.arguments.by="shoe_size"')

    assert replayed.answer.error is not None
    assert "shoe_size" in replayed.answer.error


async def test_variety_needs_no_model_and_a_replay_varies_as_much(own_store: Path) -> None:
    [answer] = await converse(own_store, "recommend me something", ranking=RankingSettings(variety=0.6))

    diversity = [call.arguments.get("diversity") for call in answer.trace.calls if call.tool == "recommend_for_user"]
    assert diversity == [0.6]
    assert (await again(own_store, answer.trace)).differences == ()
