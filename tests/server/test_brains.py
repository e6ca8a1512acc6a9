"""Which brain a choice and the environment make, and what is said when they make none."""

import pytest
from click import UsageError

from concierge_server.brains import BrainChoice, BrainName, hosted_brain

AUTO = BrainChoice("auto", "small")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing."""
    kinds = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    ours = ("PROMPTS", "PLAN_MODEL", "WRITE_MODEL", "PRICES", "MAX_COST", "CACHE_TTL")
    for name in (*kinds, *(f"CONCIERGE_{name}" for name in ours)):
        monkeypatch.delenv(name, raising=False)


def opened(choice: BrainChoice) -> str | None:
    """Return the name of the hosted brain that is chosen, or None."""
    chosen = hosted_brain(choice)
    return None if chosen is None else chosen(None).name


@pytest.mark.parametrize(
    ("variables", "name", "brain"),
    [
        ({}, None, None),
        ({"ANTHROPIC_API_KEY": "k"}, None, "anthropic"),
        ({"ANTHROPIC_API_KEY": "k"}, "offline", None),
        ({"ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"}, "auto", "anthropic"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "auto", "openai"),
        ({"OPENAI_API_KEY": "k"}, "auto", "openai"),
    ],
)
def test_the_model_is_chosen_by_name_and_by_what_is_set(
    variables: dict[str, str], name: BrainName | None, brain: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)

    assert opened(BrainChoice(name, "small")) == brain


def test_auto_without_any_model_says_what_to_set() -> None:
    with pytest.raises(UsageError, match="set ANTHROPIC_API_KEY, or OPENAI_BASE_URL"):
        opened(AUTO)


def test_auto_on_a_server_of_one_s_own_needs_the_model_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    with pytest.raises(UsageError, match="--brain auto needs --model NAME"):
        opened(BrainChoice("auto"))


def test_a_tier_without_auto_is_refused() -> None:
    with pytest.raises(UsageError, match="--tier goes with --brain auto"):
        opened(BrainChoice("offline", tier="model"))


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PRICES", "cheap", "CONCIERGE_PRICES cannot be read"),
        ("PRICES", "[1, 5]", "CONCIERGE_PRICES cannot be read"),
        ("PRICES", '{"small": [1]}', "no two to four prices for 'small'"),
        ("PRICES", '{"small": [1, -5]}', "a price of 'small' that is none"),
        ("PRICES", '{"small": [1, "5"]}', "a price of 'small' that is none"),
        ("PRICES", '{"small": [1, NaN]}', "a price of 'small' that is none"),
        ("MAX_COST", "free", "CONCIERGE_MAX_COST is 'free'"),
        ("MAX_COST", "0", "CONCIERGE_MAX_COST is '0'"),
        ("MAX_COST", "0.02", "needs the price of 'small' in CONCIERGE_PRICES"),
    ],
)
def test_prices_and_budgets_that_cannot_be_held_are_refused(
    variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv(f"CONCIERGE_{variable}", value)

    with pytest.raises(UsageError, match=told):
        opened(AUTO)
