"""The Claude brain over a scripted Messages API."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from tests.agent.llm.conftest import KEY
from tests.scripted_messages_api import ScriptedMessagesApi


@pytest.fixture(scope="session")
def messages_server() -> Iterator[ScriptedMessagesApi]:
    with ScriptedMessagesApi() as server:
        yield server


@pytest.fixture
def api(messages_server: ScriptedMessagesApi) -> Iterator[ScriptedMessagesApi]:
    """The scripted model; a test fails unless its script is played to the end."""
    messages_server.script()
    yield messages_server
    messages_server.finish()


@pytest.fixture
def settings(api: ScriptedMessagesApi) -> ClaudeSettings:
    return ClaudeSettings(base_url=api.url, api_key=SecretStr(KEY), timeout=20)


@pytest.fixture
def brain(settings: ClaudeSettings) -> ClaudeBrain:
    return ClaudeBrain(settings)
