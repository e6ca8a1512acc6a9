"""The OpenAI-compatible brain: a planner and a writer over `chat/completions`."""

from collections.abc import Sequence

from concierge_agent.cache import ReplyCache
from concierge_agent.demonstrations import Demonstration
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.openai.completions import CompletionsModel
from concierge_agent.openai.settings import OpenAISettings
from concierge_agent.prompts.library import Prompts


class OpenAIBrain(ModelBrain):
    """Implements `Brain` over `chat/completions`, for one conversation at a time."""

    name = "openai"

    def __init__(
        self,
        settings: OpenAISettings,
        cache: ReplyCache | None = None,
        *,
        prompts: Prompts | None = None,
        own: Sequence[Demonstration] = (),
    ) -> None:
        super().__init__(settings, lambda: CompletionsModel(settings), cache, prompts=prompts, own=own)
