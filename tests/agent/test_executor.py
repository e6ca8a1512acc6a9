import pytest

from concierge_agent.brain import TurnContext
from concierge_agent.compiler import Compiled, as_planned, compile_plan
from concierge_agent.conversation import Conversation, Pending
from concierge_agent.enforcement import Enforcement
from concierge_agent.errors import BudgetExceeded, ToolCallError
from concierge_agent.executor import chain, final_candidates, run, substitute
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.proposal_check import check
from concierge_agent.tools import Toolbox
from concierge_agent.values import Constraint, Option, Question
from tests.agent.shop import CATALOG, SEA, ScriptedBrain, Shop, agent_over, steps, toolbox_over, wants

pytestmark = pytest.mark.anyio


async def test_a_step_takes_the_candidates_of_an_earlier_one() -> None:
    plan = steps(
        ("recommend_for_user", {"filters": [SEA.model_dump()]}),
        ("filter_candidates", {"candidates": "$s1", "filters": [{"field": "pages", "op": "<", "value": 200}]}),
        ("get_item_details", {"item_ids": "$s2.ids"}),
    )
    async with toolbox_over(Shop()) as toolbox:
        results = await run(plan, toolbox)

    assert [i["id"] for i in results["s3"]["items"]] == ["b1", "b6"]
    assert [call.step for call in toolbox.calls] == ["s1", "s2", "s3"]
    assert toolbox.calls[1].arguments["candidates"] == results["s1"]["candidates"]


def test_ids_within_a_list_are_flattened() -> None:
    step = Step(id="s2", tool="get_item_details", arguments={"item_ids": ["b9", "$s1.ids"]})

    assert substitute(step, {"s1": {"items": [{"id": "b1"}, {"id": "b2"}]}}) == {"item_ids": ["b9", "b1", "b2"]}


def test_a_reference_to_a_step_without_candidates_is_an_error_for_the_planner() -> None:
    step = Step(id="s2", tool="filter_candidates", arguments={"candidates": "$s1"})

    with pytest.raises(ToolCallError, match="returned no candidates"):
        substitute(step, {"s1": {"items": []}})


async def test_a_refused_step_names_itself_and_stays_in_the_trace() -> None:
    plan = steps(("filter_candidates", {"candidates": "cs_9", "filters": []}))
    async with toolbox_over(Shop()) as toolbox:
        with pytest.raises(ToolCallError, match=r"Step s1 \(filter_candidates\): No candidate set 'cs_9'"):
            await run(plan, toolbox)

    assert toolbox.calls[0].error == "No candidate set 'cs_9'."
    assert toolbox.calls[0].result is None


async def test_a_turn_has_a_limited_number_of_calls_but_the_agents_own_are_free() -> None:
    async with toolbox_over(Shop(), limit=2) as toolbox:
        for _ in range(2):
            await toolbox.call("describe_catalog", {}, step="s1")
        await toolbox.call("describe_catalog", {}, step="show", charged=False)
        with pytest.raises(BudgetExceeded):
            await toolbox.call("describe_catalog", {}, step="s1")

    assert len(toolbox.calls) == 3


def candidates(total: int, handle: str = "cs") -> dict[str, object]:
    return {"candidates": handle, "total": total, "items": []}


def test_the_last_set_that_holds_anything_is_final_and_empty_later_ones_are_left_aside() -> None:
    plan = steps(("recommend_for_user", {}), ("search_catalog", {"query": "x"}))

    final, aside = final_candidates(plan, {"s1": candidates(3, "one"), "s2": candidates(0, "two")})

    assert final is not None
    assert final.handle == "one"
    assert [step.id for step in aside] == ["s2"]


def test_the_parts_of_an_empty_combination_are_not_shown_in_its_place() -> None:
    plan = steps(
        ("search_catalog", {"query": "x"}),
        ("search_catalog", {"query": "y"}),
        ("combine_candidates", {"operation": "difference", "candidates": ["$s1", "$s2"]}),
    )

    final, _ = final_candidates(plan, {"s1": candidates(3), "s2": candidates(3), "s3": candidates(0)})

    assert final is None


def test_a_chain_holds_only_what_a_step_rests_on() -> None:
    plan = steps(
        ("search_catalog", {"query": "x"}),
        ("get_trending_items", {}),
        ("filter_candidates", {"candidates": "$s1", "filters": []}),
    )

    assert [step.id for step in chain(plan, "s3").steps] == ["s1", "s3"]


async def test_enforcement_gives_each_tool_only_what_it_takes() -> None:
    like = Change(op="add", entry=Entry(id="", kind="like", turn=0, text="", item_id="b1"))
    dislike = Change(op="add", entry=Entry(id="", kind="dislike", turn=0, text="", item_id="b2"))
    ledger = Ledger().apply([wants(SEA), like, dislike], turn=1)
    conversation = Conversation(id="c", user_id="ann", shown=("b3",), rejected=("b4",))
    plan = steps(("recommend_for_user", {"exclude": ["b5"]}), ("get_trending_items", {}), ("get_item_details", {}))
    async with toolbox_over(Shop()) as toolbox:
        enforced = Enforcement(conversation, ledger, toolbox, CATALOG, present=True).plan(plan)

    first, second, third = (step.arguments for step in enforced.steps)
    assert first == {
        "user_id": "ann",
        "filters": [SEA.model_dump()],
        "liked": ["b1"],
        "disliked": ["b2"],
        "exclude": ["b5", "b4", "b1", "b2", "b3"],
    }
    assert second == {"filters": [SEA.model_dump()]}
    assert third == {}


async def test_look_ups_keep_their_own_conditions() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1)
    async with toolbox_over(Shop()) as toolbox:
        enforcement = Enforcement(Conversation(id="c"), ledger, toolbox, CATALOG, present=False)
        step = enforcement.step(Step(id="s1", tool="search_catalog", arguments={"query": "ferry"}))

    assert step.arguments == {"query": "ferry"}


@pytest.mark.parametrize(
    ("proposal", "problem"),
    [
        (Proposal(intent="ask", plan=steps(("sell", {}))), "no tool 'sell'"),
        (Proposal(intent="ask", plan=steps(("show_recommendations", {}))), "called by the agent itself"),
        (Proposal(intent="ask", plan=steps(("search_catalog", {"n": 3}))), "'query' is a required property"),
        (Proposal(intent="ask", plan=steps(("search_catalog", {"query": 3}))), "search_catalog.query"),
        (Proposal(intent="ask", plan=steps(("get_item_details", {"item_ids": "b1"}))), "get_item_details.item_ids"),
        (Proposal(intent="ask", changes=(Change(op="retract", entry_id="e9"),), reply="ok"), "'e9'"),
        (Proposal(intent="ask", changes=(wants(Constraint(field="colour", op="==", value=1)),)), "No field 'colour'"),
        (Proposal(intent="ask", changes=(wants(Constraint(field="pages", op="contains", value=1)),)), "does not take"),
        (Proposal(intent="ask", changes=(wants(Constraint(field="pages", op="<", value="few")),)), "holds numbers"),
        (Proposal(intent="ask", changes=(wants(Constraint(field="adult", op="==", value="yes")),)), "true or false"),
        (Proposal(intent="ask", question=Question(field="colour", text="Which?")), "no field of the catalog"),
        (
            Proposal(
                intent="ask",
                question=Question(field="topics", text="Which?", options=[Option(value="Space", count=3)]),
            ),
            "offers 'Space'",
        ),
    ],
)
async def test_a_proposal_is_checked_against_the_live_tools_and_the_catalog(proposal: Proposal, problem: str) -> None:
    async with toolbox_over(Shop()) as toolbox:
        problems = check(proposal, TurnContext("hm", Conversation(id="c"), CATALOG, toolbox))

    assert len(problems) == 1
    assert problem in problems[0]


async def test_references_pass_where_handles_and_ids_go() -> None:
    plan = steps(
        ("recommend_for_user", {}),
        ("get_trending_items", {}),
        ("combine_candidates", {"operation": "union", "candidates": ["$s1", "$s2"]}),
        ("get_item_details", {"item_ids": "$s3.ids"}),
    )
    async with toolbox_over(Shop()) as toolbox:
        assert check(Proposal(intent="ask", plan=plan), TurnContext("hm", Conversation(id="c"), CATALOG, toolbox)) == []


async def test_consent_needs_the_pending_token() -> None:
    pending = Pending(kind="consent", question=Question(field=None, text="?"), confirmation="t1", item_ids=("b5",))
    wrong = Change(op="add", entry=Entry(id="", kind="consent", turn=0, text="yes", value="t2"))
    async with toolbox_over(Shop()) as toolbox:
        context = TurnContext("yes", Conversation(id="c", pending=pending), CATALOG, toolbox)
        problems = check(Proposal(intent="feedback", changes=(wrong,)), context)

    assert problems == ["The consent's value must be the token that is pending, unchanged."]


async def test_the_catalog_is_described_when_the_agent_opens() -> None:
    async with agent_over(Shop(), ScriptedBrain([])) as agent:
        assert (await agent.open()).name == "Book corner"


def test_a_plan_of_no_steps_has_no_final_candidates() -> None:
    assert final_candidates(Plan(), {}) == (None, [])


async def test_an_unknown_tool_is_an_error_that_names_the_tools() -> None:
    async with toolbox_over(Shop()) as toolbox:
        assert isinstance(toolbox, Toolbox)
        with pytest.raises(ToolCallError, match="No tool 'sell'; the tools are combine_candidates"):
            await toolbox.call("sell", {}, step="s1")


WAVE = steps(("recommend_for_user", {"n": 2}), ("get_trending_items", {"n": 2}), ("search_catalog", {"query": "sea"}))


def at_once(plan: Plan) -> Compiled:
    """Compile a plan of which nothing is shown: no step is dropped."""
    return compile_plan(plan, lambda tool, name: True, presented=False)


async def test_steps_of_a_wave_are_recorded_in_the_order_of_the_plan() -> None:
    async with toolbox_over(Shop()) as toolbox:
        results = await run(at_once(WAVE), toolbox)

        assert [call.step for call in toolbox.calls] == ["s1", "s2", "s3"]
        assert list(results) == ["s1", "s2", "s3"]


async def test_a_refused_step_of_a_wave_is_named_and_what_comes_after_it_leaves_no_record() -> None:
    shop = Shop()
    shop.broken = {"get_trending_items"}
    async with toolbox_over(shop) as toolbox:
        with pytest.raises(ToolCallError, match=r"Step s2 \(get_trending_items\): get_trending_items is out of order"):
            await run(at_once(WAVE), toolbox)

        assert [(call.step, call.error is None) for call in toolbox.calls] == [("s1", True), ("s2", False)]


async def test_a_wave_that_the_budget_does_not_suffice_for_runs_as_far_as_it_does() -> None:
    async with toolbox_over(Shop(), limit=2) as toolbox:
        with pytest.raises(BudgetExceeded):
            await run(at_once(WAVE), toolbox)

        assert [call.step for call in toolbox.calls] == ["s1", "s2"]


async def test_what_is_recorded_in_between_is_neither_merged_nor_moved() -> None:
    plan = steps(
        ("recommend_for_user", {}),
        ("record_feedback", {"item_id": "b1", "event": "like"}),
        ("record_feedback", {"item_id": "b1", "event": "like"}),
        ("recommend_for_user", {}),
    )
    compiled = compile_plan(plan, lambda tool, name: True, presented=True)

    assert [[step.id for step in wave] for wave in compiled.waves] == [["s1"], ["s2"], ["s3"], ["s4"]]


async def test_a_merged_step_that_is_refused_names_the_steps_it_is_made_of() -> None:
    plan = steps(
        ("search_catalog", {"query": "sea"}),
        ("filter_candidates", {"candidates": "$s1", "filters": [SEA.model_dump()]}),
    )
    shop = Shop()
    shop.broken = {"search_catalog"}
    async with toolbox_over(shop) as toolbox:
        with pytest.raises(ToolCallError, match=r"Step s2 with s1 \(search_catalog\)"):
            await run(compile_plan(plan, toolbox.takes, presented=True), toolbox)


async def test_an_empty_narrowed_search_falls_back_to_what_was_searched() -> None:
    long = {"field": "pages", "op": ">", "value": 900}
    plan = steps(("search_catalog", {"query": "sea"}), ("filter_candidates", {"candidates": "$s1", "filters": [long]}))
    async with toolbox_over(Shop()) as toolbox:
        compiled = compile_plan(plan, toolbox.takes, presented=True)
        results = await run(compiled, toolbox)
        found, aside = final_candidates(plan, results)

    assert found is not None
    assert (found.step.id, [step.id for step in aside]) == ("s1", ["s2"])
    assert [call.step for call in toolbox.calls] == ["s1", "s2"]
    assert compiled.merged == {"s1": "s2"}


def test_blended_taste_is_not_narrowed_beforehand_for_its_ranks_are_taken_after_filtering() -> None:
    filters = [SEA.model_dump()]
    plan = steps(("recommend_for_user", {}), ("filter_candidates", {"candidates": "$s1", "filters": filters}))

    assert compile_plan(plan, lambda tool, name: True, presented=True).waves == as_planned(plan).waves
