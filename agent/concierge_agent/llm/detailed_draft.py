"""The detailed form of a draft: the model words every item and states its claims as data."""

import json

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.llm.draft_form import AskedDraft
from concierge_agent.llm.material import items_of, material_message
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import parse
from concierge_agent.llm.wire import WireDraft, draft_schema
from concierge_agent.prompts.templates import template


class DetailedDraft:
    """Implements `DraftForm` for models that follow a long prompt."""

    templates: tuple[str, ...] = ("write",)

    def asked(self, material: Material, model: str) -> AskedDraft:
        """Return the request for the draft of this turn."""
        items = items_of(material)
        # The prompt shows the general schema and so stays cacheable; the one that is enforced knows the turn's ids.
        rules = template("write").fill(
            schema=json.dumps(draft_schema(("...",))), example=template("write_example").text
        )
        schema = draft_schema([item["id"] for item in items])
        message = Message("user", (material_message(material, items),))
        return AskedDraft(Prompt(model, (rules,), (message,), schema), _read)


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
