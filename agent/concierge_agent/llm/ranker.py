"""The ranker: asks a model which candidates suit the user best, as often as it is told to, all at once.

A server may ignore the schema that names the candidates; what comes back is checked by whoever asked (`ballots`).
"""

import asyncio
import random
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from concierge_agent.ballots import Ballots
from concierge_agent.brain import Slate
from concierge_agent.errors import BrainError
from concierge_agent.llm.client import ModelClient
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import Message, OpenModel, Prompt
from concierge_agent.llm.parsing import UnusableReply, parse
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.llm.state import entries, quoted, short_fields
from concierge_agent.llm.wire import closed_object
from concierge_agent.prompts.library import Prompts

_QUICK_CANDIDATES = 20
_QUICK_WANTED = 10
"""What fits into a small model's 4096 tokens, and into its patience."""


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    ids: list[Annotated[str, BeforeValidator(_text)]]


class ModelRanker:
    """Orders candidates with a model, the one that writes: like wording, it is judgement."""

    used: tuple[str, ...] = ("rank",)
    """The templates it asks with."""

    def __init__(self, settings: ModelSettings, open_model: OpenModel, meter: Meter, prompts: Prompts) -> None:
        self._prompts = prompts
        self._settings = settings
        self._open_model = open_model
        self._meter = meter

    async def rank(self, slate: Slate) -> Ballots:
        """Name the best candidates; see `Ranker`. A sample that fails is not repaired while another one stands."""
        samples = slate.context.ranking.samples
        self._meter.allow(samples)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._sample(slate, number)) for number in range(samples)]
        told = [task.result() for task in tasks]
        failures = tuple(said for said in told if isinstance(said, str))
        if len(failures) == len(told):
            raise BrainError(failures[0])
        return Ballots(samples=tuple(ids for ids in told if not isinstance(ids, str)), failures=failures)

    async def _sample(self, slate: Slate, number: int) -> tuple[str, ...] | str:
        """Return what one reply names, or why there is none. Each is an exchange of its own, which fails alone."""
        try:
            async with self._open_model() as model:
                client = ModelClient(model, self._meter, room=self._settings.max_tokens)
                return tuple(parse(await client.ask(self._prompt(slate, number)), _Order).ids)
        except UnusableReply as unusable:
            return unusable.problems[0]
        except BrainError as error:
            return str(error)

    def _prompt(self, slate: Slate, number: int) -> Prompt:
        quick, variety = self._settings.quick, slate.context.ranking.variety
        rows = slate.candidates[:_QUICK_CANDIDATES] if quick else slate.candidates
        wanted = min(slate.wanted, _QUICK_WANTED if quick else len(rows), len(rows))
        strength = 1.0 if slate.context.ranking.samples > 1 else variety
        rows = shuffled(rows, strength, seed=f"{number}:{slate.context.text}")
        ids: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": [row["id"] for row in rows]}}
        if quick:  # a small model may never come to an end; not every large one's server knows the word
            ids["maxItems"] = wanted
        template = self._prompts["rank"]
        return Prompt(
            model=self._settings.write_model,
            system=(template.fill(wanted=str(wanted)),),
            messages=(Message("user", (_user(slate), _candidates(rows))),),
            schema=closed_object({"ids": ids}),
            max_tokens=template.front.max_tokens,
            variety=variety if variety > 0 else template.front.variety,
        )


def shuffled(rows: tuple[dict[str, Any], ...], strength: float, *, seed: str) -> tuple[dict[str, Any], ...]:
    """Return `rows` shuffled: 0 keeps their order, 1 leaves nothing of it, between them near places mix.

    The same seed gives the same order.
    """
    if strength <= 0:
        return rows
    rng = random.Random(seed)  # noqa: S311  (mixes rows, nothing secret)
    keys = [(1 - strength) * place / len(rows) + strength * rng.random() for place in range(len(rows))]
    return tuple(row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0]))


def _user(slate: Slate) -> str:
    context = slate.context
    data = {
        "message": context.text,
        "ledger": entries(context.conversation.ledger),
        "history": [list(entry.values()) for entry in slate.history],
    }
    return f"<user>{quoted({key: value for key, value in data.items() if value})}</user>"


def _candidates(rows: tuple[dict[str, Any], ...]) -> str:
    compact = [[row["id"], row["title"], short_fields(row["fields"])] for row in rows]
    return f"<candidates>{quoted(compact)}</candidates>"
