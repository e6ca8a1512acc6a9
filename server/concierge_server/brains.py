"""Which brain answers: what the command line and the environment say, made into a brain."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from concierge_server.settings import Environment, environment

if TYPE_CHECKING:
    from concierge_agent.brain import Brain

BrainName = Literal["offline", "anthropic", "openai"]
NAMES: tuple[BrainName, ...] = ("offline", "anthropic", "openai")


@dataclass(frozen=True, slots=True)
class BrainChoice:
    """How a conversation is thought and worded. What is None is left to the environment."""

    name: BrainName | None = None
    """None: anthropic when a key is set, else offline."""
    model: str | None = None
    """The model that plans and writes, in place of the two in the environment."""


def hosted_brain(choice: BrainChoice) -> "Brain | None":
    """Return the brain over a model that was chosen, or None when the offline one is to answer.

    Raises:
        click.UsageError: The brain that was asked for has no key, server or model.
    """
    found = environment()
    if choice.name == "offline" or (choice.name is None and found.api_key is None):
        return None
    return _openai(found, choice) if choice.name == "openai" else _claude(found, choice)


def _claude(found: Environment, choice: BrainChoice) -> "Brain":
    if found.api_key is None:
        raise click.UsageError("--brain anthropic needs a key: set ANTHROPIC_API_KEY, or use --brain offline.")
    from concierge_agent.claude.brain import ClaudeBrain
    from concierge_agent.claude.settings import ClaudeSettings

    settings = ClaudeSettings(api_key=found.api_key, base_url=found.base_url, quick=found.prompts == "quick")
    plan_model, write_model = choice.model or found.plan_model, choice.model or found.write_model
    if plan_model:
        settings = settings.model_copy(update={"plan_model": plan_model})
    if write_model:
        settings = settings.model_copy(update={"write_model": write_model})
    return ClaudeBrain(settings)


def _openai(found: Environment, choice: BrainChoice) -> "Brain":
    if found.openai_api_key is None and found.openai_base_url is None:
        raise click.UsageError("--brain openai needs a server: set OPENAI_BASE_URL to your own, or OPENAI_API_KEY.")
    plan_model, write_model = choice.model or found.plan_model, choice.model or found.write_model
    if not plan_model and not write_model:
        raise click.UsageError("--brain openai needs --model NAME, as your server calls the model.")
    from pydantic import ValidationError

    from concierge_agent.openai.brain import OpenAIBrain
    from concierge_agent.openai.settings import OpenAISettings

    own = found.openai_base_url is not None
    try:
        settings = OpenAISettings(
            plan_model=plan_model or write_model,
            write_model=write_model or plan_model,
            api_key=found.openai_api_key,
            base_url=found.openai_base_url,
            quick=found.prompts == "quick" or (own and found.prompts != "detailed"),
            temperature=0.0 if own else None,
        )
    except ValidationError:  # not quoted: the address may hold credentials
        raise click.UsageError("OPENAI_BASE_URL must be an http address without user and password.") from None
    return OpenAIBrain(settings)
