"""How the OpenAI-compatible brain reaches its models."""

from pydantic import Field

from concierge_agent.llm.settings import ModelSettings


class OpenAISettings(ModelSettings):
    """Settings of the OpenAI-compatible brain: llama.cpp, Ollama, vLLM or LM Studio at `base_url`, or OpenAI itself.

    The base URL includes the version, as in `http://127.0.0.1:8080/v1`. Models have no defaults.
    """

    timeout: float = Field(default=180.0, gt=0)
    """As for any model, but longer: on a processor a thousand tokens of prompt take half a minute."""
    temperature: float | None = Field(default=None, ge=0)
    """Sent when given, or in its place the variety of the template; some models of OpenAI's refuse it."""
