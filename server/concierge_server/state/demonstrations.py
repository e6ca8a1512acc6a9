"""A user's own recorded turns as demonstrations for planning theirs; never another user's, in no form."""

from itertools import groupby

from sqlalchemy import Engine, select

from concierge_agent.conversation import Conversation
from concierge_agent.demonstrations import Demonstration
from concierge_agent.llm.recorded import demonstrations_of
from concierge_agent.trace import Trace
from concierge_server.state.database import CONVERSATIONS, FEEDBACK, TRACES

_CONVERSATIONS = 20
_AGAINST = ("dislike", "not_interested")


def own_demonstrations(engine: Engine, user_id: str | None) -> tuple[Demonstration, ...]:
    """Return what the user's latest conversations demonstrate; nothing of guests, who cannot be told apart.

    A turn is left out when the user later disliked something that it showed.
    """
    if user_id is None:
        return ()
    latest = (
        select(CONVERSATIONS.c.id)
        .where(CONVERSATIONS.c.user_id == user_id)
        .order_by(CONVERSATIONS.c.updated_at.desc())
        .limit(_CONVERSATIONS)
    )
    query = (
        select(CONVERSATIONS.c.id, CONVERSATIONS.c.body, TRACES.c.body.label("trace"))
        .join(TRACES, TRACES.c.conversation_id == CONVERSATIONS.c.id)
        .where(CONVERSATIONS.c.id.in_(latest))
        .order_by(CONVERSATIONS.c.updated_at, CONVERSATIONS.c.id, TRACES.c.turn)
    )
    disliked = select(FEEDBACK.c.item_id).where(
        FEEDBACK.c.user_id == user_id, FEEDBACK.c.event.in_(_AGAINST), FEEDBACK.c.undone.is_(False)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        against = {row.item_id for row in connection.execute(disliked)}
    shown: list[Demonstration] = []
    for _, of_one in groupby(rows, key=lambda row: row.id):
        told = list(of_one)
        conversation = Conversation.model_validate(told[0].body)
        traces = [Trace.model_validate(row.trace) for row in told]
        spoilt = {turn.number for turn in conversation.turns if against & {item.id for item in turn.items}}
        kept = {trace.id for trace in traces if trace.turn not in spoilt}
        shown += [one for one in demonstrations_of(conversation, traces) if one.id in kept]
    return tuple(shown)
