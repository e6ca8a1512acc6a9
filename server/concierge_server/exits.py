"""Exit codes of the command line, and the one place that turns errors into them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

OK, CHECK_FAILED, USAGE, DATA, NO_STORE, UPSTREAM = 0, 1, 2, 3, 4, 5


@contextmanager
def guarded() -> Iterator[None]:
    """Print an expected error as one message on stderr and exit with its code; let bugs through."""
    import click

    from concierge_agent.errors import AgentError, PromptError, ReplayRefused, ToolCallError
    from concierge_tools.errors import ConciergeError, DataError, StoreError

    try:
        yield
    except BaseExceptionGroup as group:
        error = _only(group)
        if not isinstance(error, ConciergeError | AgentError):
            raise
        click.echo(f"Error: {error}", err=True)
        sys.exit(_code(error, (DataError, PromptError), (StoreError, ReplayRefused), AgentError, ToolCallError))
    except (ConciergeError, AgentError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(_code(error, (DataError, PromptError), (StoreError, ReplayRefused), AgentError, ToolCallError))


def _code(
    error: BaseException,
    data: tuple[type[Exception], ...],
    store: tuple[type[Exception], ...],
    agent: type[Exception],
    tool: type[Exception],
) -> int:
    if isinstance(error, data):
        return DATA
    if isinstance(error, store):
        return NO_STORE
    return UPSTREAM if isinstance(error, agent) and not isinstance(error, tool) else USAGE


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the single error inside nested groups, as task groups wrap it, or the group itself."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
