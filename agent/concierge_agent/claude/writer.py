"""The writer: asks a larger model to word the answer from what the tools returned."""

import json

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material, TurnContext
from concierge_agent.claude.client import ModelClient, Prompt
from concierge_agent.claude.exchange import ask_until_usable, data_message, objected
from concierge_agent.claude.material import items_of, material_message
from concierge_agent.claude.meter import Meter
from concierge_agent.claude.parsing import parse
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.claude.wire import WireDraft, draft_schema
from concierge_agent.prompts.templates import template


class ClaudeWriter:
    """Writes with a model. What it drafts is unverified: its claims and items are the verifier's to judge."""

    def __init__(self, settings: ClaudeSettings, meter: Meter) -> None:
        self._settings = settings
        self._meter = meter
        self._latest: tuple[TurnContext, Prompt] | None = None

    async def write(self, material: Material) -> Draft:
        """Draft an answer. With `material.problems` the latest draft is repaired, if it was for the same turn.

        Raises `BudgetExceeded` when the turn used up its calls or tokens, and `BrainError` when the model could not be
        reached or gave nothing usable.
        """
        latest, self._latest = self._latest, None
        if material.problems and latest is not None and latest[0] is material.context:
            prompt = latest[1]
        else:
            prompt = self._opened(material)
        if material.problems:
            prompt = objected(prompt, material.problems)
        async with ModelClient(self._settings, self._meter) as client:
            draft, prompt = await ask_until_usable(client, prompt, _read)
        self._latest = (material.context, prompt)
        return draft

    def _opened(self, material: Material) -> Prompt:
        items = items_of(material)
        # The prompt shows the general schema and so stays cacheable; the one that is enforced knows the turn's ids.
        rules = template("write").fill(
            schema=json.dumps(draft_schema(("...",))), example=template("write_example").text
        )
        schema = draft_schema([item["id"] for item in items])
        return Prompt(self._settings.write_model, (rules,), (data_message(material_message(material, items)),), schema)


def _read(text: str) -> Draft:
    wire = parse(text, WireDraft)
    return Draft(
        opening=wire.opening,
        items=tuple(
            DraftItem(
                id=item.id,
                reason=item.reason,
                claims=tuple(Claim(item_id=item.id, name=claim.name, value=claim.value) for claim in item.claims),
            )
            for item in wire.items
        ),
        closing=wire.closing,
    )
