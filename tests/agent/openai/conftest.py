"""The OpenAI-compatible brain over a scripted `chat/completions`."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from concierge_agent.openai.brain import OpenAIBrain
from concierge_agent.openai.settings import OpenAISettings
from tests.agent.llm.conftest import KEY
from tests.scripted_completions_api import ScriptedCompletionsApi


@pytest.fixture(scope="session")
def completions_server() -> Iterator[ScriptedCompletionsApi]:
    with ScriptedCompletionsApi() as server:
        yield server


@pytest.fixture
def api(completions_server: ScriptedCompletionsApi) -> Iterator[ScriptedCompletionsApi]:
    """The scripted model; a test fails unless its script is played to the end."""
    completions_server.script()
    completions_server.counts = True
    yield completions_server
    completions_server.finish()


@pytest.fixture
def settings(api: ScriptedCompletionsApi) -> OpenAISettings:
    return OpenAISettings(
        plan_model="planner", write_model="writer", base_url=api.url, api_key=SecretStr(KEY), timeout=20
    )


@pytest.fixture
def brain(settings: OpenAISettings) -> OpenAIBrain:
    return OpenAIBrain(settings)
