"""Settings: the one place that reads the environment."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says."""

    store: str | None
    api_key: str | None
    base_url: str | None
    openai_api_key: str | None
    openai_base_url: str | None
    prompts: str | None
    plan_model: str | None
    write_model: str | None
    prices: str | None = None
    max_cost: str | None = None
    cache_ttl: str | None = None
    max_questions: str | None = None


def environment() -> Environment:
    """Read the environment variables that Concierge knows."""
    return Environment(
        store=os.environ.get("CONCIERGE_STORE") or None,
        api_key=os.environ.get("ANTHROPIC_API_KEY") or None,
        base_url=os.environ.get("ANTHROPIC_BASE_URL") or None,
        openai_api_key=os.environ.get("OPENAI_API_KEY") or None,
        openai_base_url=os.environ.get("OPENAI_BASE_URL") or None,
        prompts=os.environ.get("CONCIERGE_PROMPTS") or None,
        plan_model=os.environ.get("CONCIERGE_PLAN_MODEL") or None,
        write_model=os.environ.get("CONCIERGE_WRITE_MODEL") or None,
        prices=os.environ.get("CONCIERGE_PRICES") or None,
        max_cost=os.environ.get("CONCIERGE_MAX_COST") or None,
        cache_ttl=os.environ.get("CONCIERGE_CACHE_TTL") or None,
        max_questions=os.environ.get("CONCIERGE_MAX_QUESTIONS") or None,
    )


def store_path(option: Path | None) -> Path:
    """Return the store's folder: the option, else $CONCIERGE_STORE, else the user's data directory."""
    if option is not None:
        return option.resolve()
    if named := environment().store:
        return Path(named).resolve()
    from platformdirs import user_data_path  # only where neither says where

    return user_data_path("concierge") / "store"
