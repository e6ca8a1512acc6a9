"""Compiled plans over a real server: what is presented is what the plan as it was written presents, for fewer calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client

from concierge_agent.brain import TurnContext
from concierge_agent.compiler import Compiled, as_planned, compile_plan
from concierge_agent.conversation import Conversation
from concierge_agent.enforcement import Enforcement
from concierge_agent.executor import run
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.plan import Plan, Proposal
from concierge_agent.planning import Decision
from concierge_agent.presentation import present
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint
from concierge_server.mcp_server import build_server
from concierge_server.opening import open_desk
from concierge_tools.config import SearchConfig
from tests.agent.shop import steps
from tests.tools.toy_store import fitted, small_config

ITEMS = 30
BELOW_20 = {"field": "price", "op": "<", "value": 20}
EVEN = {"field": "kind", "op": "contains", "value": "even"}
NONE = {"field": "price", "op": ">", "value": 900}
DEAR = Constraint(field="price", op=">=", value=4)
USER = "u1"


class Opened:
    """A toolbox on a store over a real client, from where no event loop runs."""

    def __init__(self, portal: BlockingPortal, toolbox: Toolbox) -> None:
        self._portal = portal
        self.toolbox = toolbox
        described = portal.call(partial(toolbox.call, "describe_catalog", {}, step="open"))
        self.catalog = CatalogDescription.model_validate(described)

    def enforced(self, plan: Plan, *, seen: tuple[str, ...] = ()) -> tuple[Enforcement, Plan]:
        """Return a plan with a hard constraint, a like and what was seen enforced, and what enforced it."""
        told = Conversation(id="c", user_id=USER, shown=seen)
        entries = (
            Entry(id="e1", kind="constraint", turn=1, text="dear", constraint=DEAR),
            Entry(id="e2", kind="like", turn=1, text="liked", item_id="i6"),
        )
        enforcement = Enforcement(told, Ledger(entries=entries), self.toolbox, self.catalog, present=True)
        return enforcement, enforcement.plan(plan)

    def shown(self, enforcement: Enforcement, compiled: Compiled) -> tuple[list[str], int]:
        """Run what was compiled and present it; return the ids shown and how many calls the plan's steps made."""
        return self._portal.call(self._shown, enforcement, compiled)

    async def _shown(self, enforcement: Enforcement, compiled: Compiled) -> tuple[list[str], int]:
        toolbox = self.toolbox
        toolbox.refill()
        toolbox.calls.clear()
        results = await run(compiled, toolbox)
        calls = len(toolbox.calls)
        told = enforcement.conversation.model_copy(update={"ledger": enforcement.ledger})
        context = TurnContext("three, please", told, self.catalog, toolbox)
        proposal = Proposal(intent="ask", plan=compiled.plan)
        made = await present(
            Decision(OfflineBrain(), "offline", proposal, context, enforcement, compiled.plan, results, consent=False),
            [],
        )
        return [item["id"] for item in (made.shown.result or {})["items"]] if made.shown else [], calls


@contextmanager
def opened(folder: Path, items: int, search: SearchConfig = SearchConfig()) -> Iterator[Opened]:  # noqa: B008  (frozen)
    rng = Random(0)  # noqa: S311  (toy data)
    pairs = [(f"u{u}", f"i{rng.randrange(min(items, ITEMS))}") for u in range(25) for _ in range(6)]
    config = small_config(folder, pairs, items=items).model_copy(update={"search": search})
    store, _ = fitted(folder, config)
    with open_desk(store.folder) as desk, start_blocking_portal() as portal:
        client = Client(build_server(desk))
        with portal.wrap_async_context_manager(client):
            tools = portal.call(client.list_tools).tools
            yield Opened(portal, Toolbox(client, {tool.name: tool for tool in tools}))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened(tmp_path_factory.mktemp("small"), ITEMS) as found:
        yield found


FILTERS = st.lists(st.sampled_from([BELOW_20, EVEN, BELOW_20, EVEN, NONE, DEAR.model_dump()]), max_size=2)
ID = st.integers(0, ITEMS - 1).map("i{}".format)
IDS = st.lists(ID, max_size=2)
MODEL = st.sampled_from(["blend", "blend", "neighbours", "content"])
PAGE = st.sampled_from([{}, {}, {"n": 3}, {"n": 7}])


RETRIEVAL = ["search_catalog", "get_trending_items", "recommend_for_user", "get_similar_items"]
REWORK = [*["filter_candidates"] * 5, *["rank_candidates"] * 2, *["combine_candidates"] * 2, "get_item_details"]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a plan of two to seven steps; most of them work on the set before them, some on others."""
    made: list[tuple[str, dict[str, Any]]] = []
    sets: list[str] = []
    for number in range(1, draw(st.integers(2, 7)) + 1):
        tool = draw(st.sampled_from([*REWORK, *RETRIEVAL] if sets else RETRIEVAL))
        arguments = draw(arguments_of(tool, sets))
        if tool != "get_item_details":
            sets.append(f"$s{number}")
            arguments |= draw(PAGE)
        made.append((tool, arguments))
    return steps(*made)


@st.composite
def arguments_of(draw: st.DrawFn, tool: str, sets: list[str]) -> dict[str, Any]:
    """Return arguments for a tool, of sets mostly the latest."""
    latest = st.sampled_from([*sets, *sets[-1:] * 4]) if sets else st.nothing()
    match tool:
        case "search_catalog":
            return {"query": draw(st.sampled_from(["item", "item 7", ""])), "filters": draw(FILTERS)}
        case "get_trending_items":
            return {"filters": draw(FILTERS)}
        case "recommend_for_user":
            varied = draw(st.sampled_from([0, 0, 0.5]))
            return {"filters": draw(FILTERS), "model": draw(MODEL), "diversity": varied}
        case "get_similar_items":
            return {"item_ids": [draw(ID)], "filters": draw(FILTERS), "model": draw(MODEL)}
        case "filter_candidates":
            return {"candidates": draw(latest), "filters": draw(FILTERS), "exclude": draw(IDS)}
        case "rank_candidates":
            return {"candidates": draw(latest), "by": draw(st.sampled_from(["personal", "personal", "price"]))}
        case "combine_candidates":
            operation = draw(st.sampled_from(["union", "intersection", "difference"]))
            return {"operation": operation, "candidates": [draw(latest), draw(st.sampled_from(sets))]}
    return {"item_ids": [draw(ID), f"{draw(latest)}.ids"]}


@given(plan=plans(), seen=IDS)
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_compiled_plan_presents_the_same_items_in_the_same_order_and_never_makes_more_calls(
    store: Opened, plan: Plan, seen: list[str]
) -> None:
    enforcement, written = store.enforced(plan, seen=tuple(seen))
    compiled = compile_plan(written, store.toolbox.takes, presented=True)

    expected, naive = store.shown(enforcement, as_planned(written))
    shown, calls = store.shown(enforcement, compiled)

    assert shown == expected
    assert calls <= naive == len(plan.steps)


TYPICAL = {
    "what is found is narrowed": steps(
        ("search_catalog", {"query": "item"}), ("filter_candidates", {"candidates": "$s1", "filters": [EVEN]})
    ),
    "twice": steps(
        ("get_trending_items", {}),
        ("filter_candidates", {"candidates": "$s1", "filters": [EVEN]}),
        ("filter_candidates", {"candidates": "$s2", "filters": [BELOW_20], "n": 3}),
    ),
    "hard constraints are repeated": steps(
        ("recommend_for_user", {}), ("filter_candidates", {"candidates": "$s1", "filters": [DEAR.model_dump()]})
    ),
    "a recommendation is put into the order of taste": steps(
        ("recommend_for_user", {"filters": [EVEN]}), ("rank_candidates", {"candidates": "$s1", "by": "personal"})
    ),
    "the same is asked twice": steps(
        ("search_catalog", {"query": "item"}),
        ("search_catalog", {"query": "item"}),
        ("combine_candidates", {"operation": "union", "candidates": ["$s1", "$s2"]}),
    ),
    "a set that nobody uses": steps(("get_trending_items", {}), ("search_catalog", {"query": "item 7"})),
}


@pytest.mark.parametrize("plan", TYPICAL.values(), ids=TYPICAL)
def test_typical_plans_take_fewer_calls(store: Opened, plan: Plan) -> None:
    enforcement, written = store.enforced(plan)

    expected, naive = store.shown(enforcement, as_planned(written))
    shown, calls = store.shown(enforcement, compile_plan(written, store.toolbox.takes, presented=True))

    assert shown == expected != []
    assert calls < naive


RETRIEVALS = [
    ("search_catalog", {"query": "item"}),
    ("search_catalog", {"query": "item 7"}),
    ("get_trending_items", {}),
    *(("recommend_for_user", {"model": model}) for model in ("blend", "als", "neighbours", "content", "popularity")),
    *(
        ("get_similar_items", {"item_ids": ["i24"], "model": model})
        for model in ("blend", "als", "neighbours", "content")
    ),
]


@pytest.mark.parametrize("retrieval", RETRIEVALS, ids=str)
def test_whatever_is_narrowed_comes_out_in_the_same_order(store: Opened, retrieval: tuple[str, dict[str, Any]]) -> None:
    for filters in ([EVEN], [BELOW_20], [EVEN, BELOW_20]):
        narrowed = ("filter_candidates", {"candidates": "$s1", "filters": filters, "exclude": ["i14"]})
        enforcement, written = store.enforced(steps(retrieval, narrowed))

        expected, _ = store.shown(enforcement, as_planned(written))
        shown, _ = store.shown(enforcement, compile_plan(written, store.toolbox.takes, presented=True))

        assert shown == expected


def test_a_set_that_serves_twice_is_not_narrowed_beforehand(store: Opened) -> None:
    plan = steps(
        ("search_catalog", {"query": "item"}),
        ("filter_candidates", {"candidates": "$s1", "filters": [EVEN]}),
        ("combine_candidates", {"operation": "union", "candidates": ["$s1", "$s2"]}),
    )
    enforcement, written = store.enforced(plan)

    expected, naive = store.shown(enforcement, as_planned(written))
    shown, calls = store.shown(enforcement, compile_plan(written, store.toolbox.takes, presented=True))

    assert (shown, calls) == (expected, naive)


def test_of_a_pool_that_was_cut_the_compiled_plan_finds_what_lies_beyond(tmp_path: Path) -> None:
    last = {"field": "price", "op": "==", "value": 1099}
    plan = steps(("search_catalog", {"query": "item"}), ("filter_candidates", {"candidates": "$s1", "filters": [last]}))
    with opened(tmp_path, 1100, SearchConfig(semantic="off")) as large:  # equal items come by position
        enforcement, written = large.enforced(plan)
        beyond, _ = large.shown(enforcement, compile_plan(written, large.toolbox.takes, presented=True))
        narrowed, _ = large.shown(enforcement, as_planned(written))

    assert beyond == ["i1099"]
    assert narrowed != ["i1099"]


def test_steps_that_need_nothing_of_each_other_are_recorded_in_the_order_of_the_plan(store: Opened) -> None:
    plan = steps(
        ("search_catalog", {"query": "item"}),
        ("rank_candidates", {"candidates": "$s1", "by": "price"}),
        ("get_similar_items", {"item_ids": ["i2"]}),
        ("combine_candidates", {"operation": "intersection", "candidates": ["$s2", "$s3"]}),
    )
    enforcement, written = store.enforced(plan)
    compiled = compile_plan(written, store.toolbox.takes, presented=True)

    store.shown(enforcement, compiled)

    assert [[step.id for step in wave] for wave in compiled.waves] == [["s1", "s3"], ["s2"], ["s4"]]
    assert [call.step for call in store.toolbox.calls if call.step.startswith("s") and call.step != "show"] == [
        "s1",
        "s2",
        "s3",
        "s4",
    ]
