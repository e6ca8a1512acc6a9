"""One way to ask a model for text: metered, every way it can end accounted for."""

from dataclasses import replace
from functools import partial

from concierge_agent.errors import BrainError
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import CutStream, Message, Model, Prompt


class ModelClient:
    """Asks an open model until its reply is whole."""

    def __init__(self, model: Model, meter: Meter, *, room: int) -> None:
        """Ask `model` for at most `room` tokens a reply, and once for twice as many."""
        self._model = model
        self._meter = meter
        self._room = room

    async def ask(self, prompt: Prompt) -> str:
        """Return the text of the model's whole reply.

        A cut stream is asked for once more, a reply that was too long once more with twice the room, and a paused one
        is continued; each counts as a call. Raises `BudgetExceeded` when the turn has no calls, tokens or money left,
        and `BrainError` when the model could not be reached, refused, or did not come to an end.
        """
        limit = min(self._room, prompt.max_tokens or self._room)
        text, room, cut = "", limit, False
        while True:
            self._meter.begin_call(prompt.model)
            try:
                reply = await self._model.reply(prompt, room=room, spend=partial(self._meter.spend, prompt.model))
            except CutStream as error:
                if cut:
                    raise BrainError(f"The model's reply was cut off twice ({error}).") from None
                cut = True
                continue
            if reply.cached:
                self._meter.reuse()
            if reply.ending == "length":
                if room > limit:
                    raise BrainError(f"The model's reply did not fit into {room} tokens.")
                room *= 2
                continue
            text += reply.text
            if reply.ending == "complete" or not reply.text:
                return text
            prompt = replace(prompt, messages=(*prompt.messages, Message("assistant", (reply.text,))))
