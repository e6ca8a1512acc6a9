"""Errors of the agent.

AgentError
├── ToolCallError       a tool refused a call; its message says what to do next
├── ConnectionFailed    the MCP server cannot be reached
├── PlanFailed          no brain found a plan that runs
├── ReplayRefused       a recorded turn cannot be run again as it was
├── PromptError         a prompt template cannot be used; names its file and line
└── BrainError          the model could not be reached, or gave nothing usable
    ├── BudgetExceeded  the turn used up its calls or tokens
    └── StepsFailed     a plan made step by step came to nothing
"""


class AgentError(Exception):
    """Any error of the agent."""


class ToolCallError(AgentError):
    """A tool refused a call."""

    def __init__(self, tool: str, message: str) -> None:
        super().__init__(message)
        self.tool = tool


class ConnectionFailed(AgentError):  # noqa: N818  (reads as what happened)
    """The MCP server cannot be reached."""


class PlanFailed(AgentError):  # noqa: N818  (reads as what happened)
    """No brain found a plan that runs; the message is the last complaint."""


class ReplayRefused(AgentError):  # noqa: N818  (reads as what happened)
    """A recorded turn cannot be run again as it was; the message says what is missing or has changed."""


class PromptError(AgentError):
    """A prompt template cannot be used."""

    def __init__(self, file: str | None, line: int | None, message: str) -> None:
        """Say what is wrong, and where: `line` counts from 1 and is None where no line is to blame."""
        where = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{where}: {message}." if where else f"{message[:1].upper()}{message[1:]}.")
        self.file = file
        self.line = line


class BrainError(AgentError):
    """The model could not be reached, or gave nothing usable."""


class BudgetExceeded(BrainError):  # noqa: N818  (reads as what happened)
    """The turn used up its calls or tokens."""


class StepsFailed(BrainError):  # noqa: N818  (reads as what happened)
    """A plan made step by step came to nothing, and is not begun again."""
