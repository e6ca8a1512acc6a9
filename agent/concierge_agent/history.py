"""What a user did before, as the server tells it: looked up once a turn, whoever needs it."""

from typing import Any

from concierge_agent.brain import TurnContext
from concierge_agent.errors import ToolCallError
from concierge_agent.trace import HISTORY

_READ = 50


async def look_up(context: TurnContext) -> dict[str, Any] | None:
    """Return what `get_user_history` tells, newest first; None for guests, and where the server does not tell it."""
    user, toolbox = context.conversation.user_id, context.toolbox
    if user is None or "get_user_history" not in toolbox.tools:
        return None
    arguments = {"user_id": user, "n": _READ}
    known = (call.result for call in toolbox.calls if call.step == HISTORY and call.arguments == arguments)
    if (told := next(known, None)) is not None:
        return told
    try:
        return await toolbox.call("get_user_history", arguments, step=HISTORY, charged=False)
    except ToolCallError:  # not everyone may read it
        return None
