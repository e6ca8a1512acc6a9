"""The OpenAI-compatible brain: a planner and a writer over `chat/completions`."""

from concierge_agent.cache import ReplyCache
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.openai.completions import CompletionsModel
from concierge_agent.openai.settings import OpenAISettings


class OpenAIBrain(ModelBrain):
    """Implements `Brain` over `chat/completions`, for one conversation at a time."""

    name = "openai"

    def __init__(self, settings: OpenAISettings, cache: ReplyCache | None = None) -> None:
        super().__init__(settings, lambda: CompletionsModel(settings), cache)
