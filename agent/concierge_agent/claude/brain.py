"""The Claude brain: a planner and a writer over the Messages API."""

from collections.abc import Sequence

from concierge_agent.cache import ReplyCache
from concierge_agent.claude.messages import MessagesModel
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.demonstrations import Demonstration
from concierge_agent.llm.brain import ModelBrain
from concierge_agent.prompts.library import Prompts


class ClaudeBrain(ModelBrain):
    """Implements `Brain` over the Messages API, for one conversation at a time."""

    name = "anthropic"

    def __init__(
        self,
        settings: ClaudeSettings,
        cache: ReplyCache | None = None,
        *,
        prompts: Prompts | None = None,
        own: Sequence[Demonstration] = (),
    ) -> None:
        super().__init__(settings, lambda: MessagesModel(settings), cache, prompts=prompts, own=own)
