"""Conversing: a user and the agent in turns, recorded with what the presenting tool returned."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concierge_agent.answer import Answer
from concierge_agent.conversation import Conversation
from concierge_agent.rendering import answer_json
from concierge_server.evaluation.user import Remark, User
from concierge_server.session import Session
from concierge_server.terminal.wire import failed

PRESENTING = "show_recommendations"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the user said and what came back."""

    said: Remark
    turn: Mapping[str, Any]
    """The answer, as `chat --jsonl` prints it."""
    presented: tuple[str, ...] = ()
    """Ids of the items that the presenting tool released in this turn."""


async def converse(session: Session, user: User) -> list[Exchange]:
    """Let the user talk to the agent until the user accepts or leaves. What is said last is answered, too."""
    conversation = session.conversation
    exchanges: list[Exchange] = []
    remark: Remark | None = await user.opening()
    while remark is not None:
        conversation, answer = await tried(session, conversation, remark.text)
        turn = answer_json(answer)
        exchanges.append(Exchange(remark, turn, _presented(answer)))
        remark = None if remark.act == "accept" else await user.reply(turn)
    return exchanges


async def tried(session: Session, conversation: Conversation, text: str) -> tuple[Conversation, Answer]:
    """Return the conversation after a turn and the answer; where the turn breaks, as it was and an answer saying so."""
    try:
        return await session.agent.turn(conversation, text)
    except Exception as error:  # one broken turn is a finding of its conversation, not the end of the run
        _log.exception("A turn failed.")
        return conversation, failed(conversation, text, error)


def _presented(answer: Answer) -> tuple[str, ...]:
    shown = (call.result or {} for call in answer.trace.calls if call.tool == PRESENTING)
    return tuple(str(item["id"]) for result in shown for item in result.get("items") or ())
