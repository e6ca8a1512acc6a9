"""How the Claude brain reaches its models."""

from concierge_agent.llm.settings import ModelSettings


class ClaudeSettings(ModelSettings):
    """Settings of the Claude brain: the Messages API at Anthropic, or any server that speaks it at `base_url`."""

    plan_model: str = "claude-haiku-5-5"
    write_model: str = "claude-sonnet-5-5"
