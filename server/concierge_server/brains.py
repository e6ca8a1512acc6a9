"""Which brain answers: what the command line and the environment say, made into a brain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from concierge_server.settings import Environment, environment
from concierge_server.spending import max_cost, prices

if TYPE_CHECKING:
    from concierge_agent.brain import Brain
    from concierge_agent.cache import ReplyCache
    from concierge_agent.demonstrations import Demonstration
    from concierge_agent.llm.settings import Strategy
    from concierge_agent.prompts.library import Prompts
    from concierge_agent.trace import RankingSettings
    from concierge_tools.config import AgentConfig

BrainName = Literal["offline", "anthropic", "openai", "auto"]
NAMES: tuple[BrainName, ...] = ("offline", "anthropic", "openai", "auto")
Tier = Literal["model", "offline"]
TIERS: tuple[Tier, ...] = ("model", "offline")
STRATEGIES: tuple["Strategy", ...] = ("plan", "react")


class OpenBrain(Protocol):
    """Opens a brain over a model, once what it is asked with is known."""

    def __call__(
        self,
        cache: "ReplyCache | None" = None,
        *,
        prompts: "Prompts | None" = None,
        own: "Sequence[Demonstration]" = (),
    ) -> "Brain":
        """Return the brain; `own` are the user's own turns as demonstrations."""
        ...


@dataclass(frozen=True, slots=True)
class BrainChoice:
    """How a conversation is thought and worded. What is None is left to the environment."""

    name: BrainName | None = None
    """None: anthropic when a key is set, else offline."""
    model: str | None = None
    """The model that plans and writes, in place of the two in the environment."""
    tier: Tier | None = None
    """With auto: who takes every turn of this conversation, whatever the owner says of its user."""
    fresh: bool = False
    """Whether a model is asked also what it has been asked before, as whoever measures it wants."""
    prompts: Path | None = None
    """A folder of prompt templates, in place of the store's own."""
    persona: str | None = None
    """The tone of its answers, in place of the store's own."""
    rank: bool = False
    """Whether the model orders the candidates as well."""
    samples: int = 1
    """How often it is asked for their order."""
    variety: float = 0.0
    """How varied lists are, from 0 to 1."""

    strategy: "Strategy" = "plan"
    """How a model plans: all steps at once, or one after another. The offline brain always plans at once."""
    max_questions: int | None = None
    """How many questions may follow each other; 0: none of the agent's own accord."""

    @property
    def ranking(self) -> "RankingSettings":
        """How candidates are put in order."""
        from concierge_agent.ranking import CANDIDATES
        from concierge_agent.trace import RankingSettings

        wanted = CANDIDATES if self.rank else 0
        return RankingSettings(candidates=wanted, samples=self.samples, variety=self.variety)


def open_prompts(choice: BrainChoice, config: "AgentConfig | None" = None) -> "Prompts":
    """Return the prompt templates in force, under the choice and, below it, what the store says.

    Raises:
        PromptError: A template is malformed, or there is no such persona.
    """
    from concierge_agent.prompts.library import Prompts

    folder = Path(config.prompts) if config is not None and config.prompts is not None else None
    tone = config.persona if config is not None else "plain"
    return Prompts.open(choice.prompts or folder, tone=choice.persona or tone)


def hosted_brain(choice: BrainChoice) -> OpenBrain | None:
    """Return what opens the brain over a model that was chosen, or None when the offline one is to answer alone.

    Raises:
        click.UsageError: The brain that was asked for has no key, server or model, a setting cannot be read, or the
            offline brain, which has no prompts, is given some.
    """
    found = environment()
    if choice.tier is not None and choice.name != "auto":
        raise click.UsageError("--tier goes with --brain auto, which chooses between the rules and a model.")
    if choice.samples > 1 and not choice.rank:
        raise click.UsageError("--samples says how often a model orders the candidates: give --rank with it.")
    if choice.name == "offline" or (choice.name is None and found.api_key is None):
        if choice.prompts is not None or choice.persona is not None:
            raise click.UsageError("--prompts and --persona are for a brain that asks a model; the offline one is not.")
        if choice.rank:
            raise click.UsageError("--rank needs a brain that is a model: --brain anthropic, openai or auto.")
        return None
    if choice.name == "auto" and found.api_key is None:
        if found.openai_base_url is None and found.openai_api_key is None:
            raise click.UsageError(
                "--brain auto needs a model beside the rules: set ANTHROPIC_API_KEY, or OPENAI_BASE_URL and --model "
                "NAME. Without one, use --brain offline."
            )
        return _openai(found, choice)
    return _openai(found, choice) if choice.name == "openai" else _claude(found, choice)


def questions_in_a_row(choice: BrainChoice) -> int:
    """Return how many questions may follow each other without anything shown.

    Raises:
        click.UsageError: The environment names no such number.
    """
    from concierge_agent.asking import MAX_QUESTIONS

    if choice.max_questions is not None:
        return choice.max_questions
    named = environment().max_questions
    if named is None:
        return MAX_QUESTIONS
    if not named.isdecimal():
        raise click.UsageError(f"CONCIERGE_MAX_QUESTIONS must be a number from 0, not {named!r}.")
    return int(named)


def _claude(found: Environment, choice: BrainChoice) -> OpenBrain:
    if found.api_key is None:
        raise click.UsageError("--brain anthropic needs a key: set ANTHROPIC_API_KEY, or use --brain offline.")
    from concierge_agent.claude.brain import ClaudeBrain
    from concierge_agent.claude.settings import ClaudeSettings

    settings = ClaudeSettings(api_key=found.api_key, base_url=found.base_url, quick=found.prompts == "quick")
    settings = settings.model_copy(update={"strategy": choice.strategy})
    plan_model, write_model = choice.model or found.plan_model, choice.model or found.write_model
    if plan_model:
        settings = settings.model_copy(update={"plan_model": plan_model})
    if write_model:
        settings = settings.model_copy(update={"write_model": write_model})
    return partial(ClaudeBrain, settings.model_copy(update=_spending(found, settings.plan_model, settings.write_model)))


def _openai(found: Environment, choice: BrainChoice) -> OpenBrain:
    if found.openai_api_key is None and found.openai_base_url is None:
        raise click.UsageError("--brain openai needs a server: set OPENAI_BASE_URL to your own, or OPENAI_API_KEY.")
    plan_model, write_model = choice.model or found.plan_model, choice.model or found.write_model
    if not plan_model and not write_model:
        raise click.UsageError(f"--brain {choice.name} needs --model NAME, as your server calls the model.")
    from pydantic import ValidationError

    from concierge_agent.openai.brain import OpenAIBrain
    from concierge_agent.openai.settings import OpenAISettings

    own = found.openai_base_url is not None
    spending = _spending(found, plan_model or write_model, write_model or plan_model)
    try:
        settings = OpenAISettings(
            plan_model=plan_model or write_model,
            write_model=write_model or plan_model,
            api_key=found.openai_api_key,
            base_url=found.openai_base_url,
            quick=found.prompts == "quick" or (own and found.prompts != "detailed"),
            temperature=0.0 if own else None,
            **spending,
            strategy=choice.strategy,
        )
    except ValidationError:  # not quoted: the address may hold credentials
        raise click.UsageError("OPENAI_BASE_URL must be an http address without user and password.") from None
    return partial(OpenAIBrain, settings)


def _spending(found: Environment, *models: str | None) -> dict[str, Any]:
    """Return the settings that say what the models cost and how much of it a turn may spend."""
    known, most = prices(found), max_cost(found)
    if most is not None and (unknown := [repr(model) for model in models if model not in known]):
        raise click.UsageError(f"CONCIERGE_MAX_COST needs the price of {unknown[0]} in CONCIERGE_PRICES to be held.")
    return {"prices": known, "max_cost_per_turn": most}
