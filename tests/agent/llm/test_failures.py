"""Every way a model call can end, over real HTTP: both planner and writer ask through the same client."""

import traceback

import pytest

from concierge_agent.errors import BrainError, BudgetExceeded
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.llm.settings import ModelSettings
from tests.agent.llm.conftest import KEY, brain_over, turn
from tests.scripted_model import (
    Hang,
    ScriptedModel,
    Step,
    cut_stream,
    failure,
    overloaded,
    plan_reply,
    rate_limited,
    refusal,
    text_reply,
    tool_use,
)

pytestmark = pytest.mark.anyio

GREETING = plan_reply({"intent": "general", "reply": "Hello."})


async def plan(brain: ModelBrain) -> str | None:
    """Plan one turn and return its reply."""
    async with turn("hello") as context:
        try:
            return (await brain.plan(context)).reply
        except BrainError as caught:  # raised anew outside, since the MCP client wraps what passes through it
            error = caught
    raise error


async def test_an_overloaded_model_is_asked_again_within_one_call(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(overloaded(), overloaded(), GREETING)

    assert await plan(brain) == "Hello."
    assert len(api.requests) == 3
    assert brain.take_usage().model_calls == 1


async def test_retries_are_bounded(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(overloaded(), overloaded(), overloaded())

    with pytest.raises(BrainError, match="The model is overloaded"):
        await plan(brain)


async def test_a_turn_whose_planning_failed_is_not_planned_again(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(refusal(), GREETING)

    async with turn("hello") as context:
        for problems in ((), ("The model declined to answer this.",)):
            with pytest.raises(BrainError, match="declined"):
                await brain.plan(context, problems)
        assert (await brain.plan(context)).reply == "Hello."


async def test_a_rate_limit_is_waited_out_as_the_server_asks(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(rate_limited(retry_after_ms=2), GREETING)

    assert await plan(brain) == "Hello."


async def test_a_wait_beyond_the_timeout_is_not_waited(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(rate_limited(retry_after_ms=3_600_000))

    with pytest.raises(BrainError, match=r"did not answer within 0\.2 seconds"):
        await plan(brain_over(settings.model_copy(update={"timeout": 0.2})))


async def test_a_model_that_never_answers_is_a_brain_error(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(Hang())

    with pytest.raises(BrainError, match=r"did not answer within 0\.2 seconds"):
        await plan(brain_over(settings.model_copy(update={"timeout": 0.2})))


async def test_a_server_that_is_not_there_is_a_brain_error(settings: ModelSettings) -> None:
    nowhere = settings.model_copy(update={"base_url": "http://127.0.0.1:9", "max_retries": 0})

    with pytest.raises(BrainError, match=r"The model's API at 127\.0\.0\.1 cannot be reached"):
        await plan(brain_over(nowhere))


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (failure(401, f"invalid x-api-key: {KEY}"), r"refused the key \(401\)"),
        (failure(404, "model: planner"), "knows no model 'planner'"),
        (failure(400, f"{KEY} may not send that"), r"answered 400: \*\*\* may not send that\."),
        (failure(413, "x" * 5000), "answered 413: x{200}\\.$"),
        (refusal("I cannot help."), "declined"),
        (text_reply("{", stop_reason="model_context_window_exceeded"), "no longer fits"),
        (tool_use("search_catalog", {"query": "x"}), "called a tool"),
    ],
)
async def test_endings_without_an_answer_are_brain_errors_that_keep_the_key(
    api: ScriptedModel, brain: ModelBrain, ending: Step, told: str
) -> None:
    api.script(ending)

    with pytest.raises(BrainError, match=told) as caught:
        await plan(brain)

    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert api.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_settings_do_not_print_the_key(settings: ModelSettings) -> None:
    assert KEY not in repr(settings)


@pytest.mark.parametrize("abrupt", [False, True])
async def test_a_cut_stream_is_asked_for_once_more(api: ScriptedModel, brain: ModelBrain, abrupt: bool) -> None:
    api.script(cut_stream(GREETING, abrupt=abrupt), GREETING)

    assert await plan(brain) == "Hello."
    assert brain.take_usage().model_calls == 2


async def test_a_stream_that_lacks_only_its_end_is_a_cut_stream(api: ScriptedModel, brain: ModelBrain) -> None:
    api.script(cut_stream(plan_reply({"intent": "general", "reply": "Whole but unfinished."}), at=1), GREETING)

    assert await plan(brain) == "Hello."


async def test_an_error_event_in_mid_stream_is_a_cut_stream(api: ScriptedModel, brain: ModelBrain) -> None:
    cut = cut_stream(GREETING, error="overloaded_error")
    api.script(cut, cut)

    with pytest.raises(BrainError, match=r"cut off twice \(overloaded_error\)"):
        await plan(brain)


async def test_a_reply_that_hit_its_limit_is_asked_for_with_twice_the_room(
    api: ScriptedModel, brain: ModelBrain
) -> None:
    api.script(text_reply('{"intent": "gen', stop_reason="max_tokens"), GREETING)

    assert await plan(brain) == "Hello."
    assert [request.body["max_tokens"] for request in api.requests] == [4096, 8192]


async def test_a_reply_that_hits_twice_the_limit_is_a_brain_error(api: ScriptedModel, brain: ModelBrain) -> None:
    endless = text_reply('{"intent": "gen', stop_reason="max_tokens")
    api.script(endless, endless)

    with pytest.raises(BrainError, match="did not fit into 8192 tokens"):
        await plan(brain)


async def test_a_turn_that_made_its_calls_makes_no_more(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(text_reply("no JSON"))
    brain = brain_over(settings.model_copy(update={"max_calls": 1}))

    with pytest.raises(BudgetExceeded, match="used up its 1 model calls"):
        await plan(brain)

    assert brain.take_usage().model_calls == 1


async def test_a_turn_that_spent_its_tokens_makes_no_more_calls(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(text_reply("no JSON", input_tokens=100, cache_read_input_tokens=800, output_tokens=100))
    brain = brain_over(settings.model_copy(update={"max_tokens_per_turn": 1000}))

    with pytest.raises(BudgetExceeded, match="used up its 1000 tokens"):
        await plan(brain)


async def test_each_turn_has_its_own_budget_and_usage_adds_up_until_taken(
    api: ScriptedModel, settings: ModelSettings
) -> None:
    spent = {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 30, "output_tokens": 5}
    greeting = plan_reply({"intent": "general", "reply": "Hello."}, **spent)
    api.script(greeting, greeting)
    brain = brain_over(settings.model_copy(update={"max_calls": 1}))

    await plan(brain)
    await plan(brain)

    usage = brain.take_usage()
    assert (usage.model_calls, usage.input_tokens, usage.output_tokens) == (2, 120, 10)
    assert brain.take_usage().model_calls == 0


async def test_without_a_key_only_a_server_of_ones_own_is_asked(
    api: ScriptedModel, settings: ModelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    api.script(GREETING)

    await plan(brain_over(settings.model_copy(update={"api_key": None})))
    with pytest.raises(BrainError, match="no API key"):
        await plan(brain_over(settings.model_copy(update={"api_key": None, "base_url": None})))

    assert KEY not in str(api.requests[0].headers), "the environment is not the brain's to read"


async def test_the_schema_stays_home_when_the_server_refuses_it(api: ScriptedModel, settings: ModelSettings) -> None:
    api.script(GREETING)

    await plan(brain_over(settings.model_copy(update={"structured_output": False})))

    assert not {"output_config", "response_format"} & set(api.requests[0].body)
