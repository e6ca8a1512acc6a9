"""What a turn costs, over real HTTP: the owner's prices, what the maker's prompt cache saved, and a limit of money."""

import pytest

from concierge_agent.errors import BudgetExceeded
from concierge_agent.llm.model import Tokens
from concierge_agent.llm.prices import Price
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.trace import Usage
from tests.agent.llm.conftest import brain_over, turn
from tests.scripted_completions_api import ScriptedCompletionsApi
from tests.scripted_model import ScriptedModel, plan_reply

pytestmark = pytest.mark.anyio

CHEAP = {"planner": Price(input=1, output=5, cache_read=0.1, cache_write=1.25)}
SPENT = {
    "input_tokens": 1_000,
    "cache_read_input_tokens": 10_000,
    "cache_creation_input_tokens": 2_000,
    "output_tokens": 200,
}


async def usage_of(api: ScriptedModel, settings: ModelSettings, prices: dict[str, Price]) -> Usage:
    """Plan a turn that costs SPENT at these prices."""
    api.script(plan_reply({"intent": "general", "reply": "Hello."}, **SPENT))
    brain = brain_over(settings.model_copy(update={"prices": prices}))
    async with turn("hello") as context:
        await brain.plan(context)
    return brain.take_usage()


async def test_a_turn_is_priced_with_what_the_maker_s_cache_read_and_wrote(
    api: ScriptedModel, settings: ModelSettings
) -> None:
    usage = await usage_of(api, settings, CHEAP)

    assert (usage.input_tokens, usage.output_tokens, usage.cached_input_tokens) == (13_000, 200, 10_000)
    unsaid = isinstance(api, ScriptedCompletionsApi)  # this API says nothing of writing, nor charges for it apart
    assert usage.cost == pytest.approx(0.005 if unsaid else 0.0055)


async def test_without_the_model_s_price_the_cost_is_unknown_and_not_nought(
    api: ScriptedModel, settings: ModelSettings
) -> None:
    assert (await usage_of(api, settings, {"another": CHEAP["planner"]})).cost is None


async def test_a_turn_that_spent_its_money_makes_no_more_calls(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(plan_reply({"intent": "none of the five"}, **SPENT))
    brain = brain_over(settings.model_copy(update={"prices": CHEAP, "max_cost_per_turn": 0.002}))

    async with turn("hello") as context:
        with pytest.raises(BudgetExceeded, match=r"used up its \$0\.002"):
            await brain.plan(context)


def test_cached_input_costs_what_any_input_does_unless_its_price_is_given() -> None:
    tokens = Tokens(1_000_000, 100_000, cache_read=600_000, cache_write=200_000)

    assert Price(input=2, output=10).of(tokens) == pytest.approx(3.0)
    assert Price(input=2, output=10, cache_read=0.2, cache_write=2.5).of(tokens) == pytest.approx(2.02)


def test_a_sum_is_as_unknown_as_the_dearest_part_of_it() -> None:
    assert Usage(cost=0.1).plus(Usage(model_calls=1)).cost is None
    assert Usage(cost=0.1).plus(Usage()).cost == 0.1
