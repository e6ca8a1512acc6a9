"""The Claude brain: a planner and a writer over the Messages API."""

from concierge_agent.cache import ReplyCache
from concierge_agent.claude.messages import MessagesModel
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.llm.brain import ModelBrain


class ClaudeBrain(ModelBrain):
    """Implements `Brain` over the Messages API, for one conversation at a time."""

    name = "anthropic"

    def __init__(self, settings: ClaudeSettings, cache: ReplyCache | None = None) -> None:
        super().__init__(settings, lambda: MessagesModel(settings), cache)
