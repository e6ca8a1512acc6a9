"""The detailed form of a draft: the model words every item and states its claims as data."""

import json

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material
from concierge_agent.llm.draft_form import AskedDraft
from concierge_agent.llm.history import knows_nothing
from concierge_agent.llm.material import items_of, material_message
from concierge_agent.llm.model import Message, Prompt
from concierge_agent.llm.parsing import parse
from concierge_agent.llm.wire import WireDraft, draft_schema
from concierge_agent.prompts.library import Prompts

EXPLANATION, COLD_START = "write_explanation", "write_cold_start"


class DetailedDraft:
    """Implements `DraftForm` for models that follow a long prompt."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def asked(self, material: Material, model: str) -> AskedDraft:
        """Return the request for the draft of this turn."""
        items = items_of(material)
        rules = self._prompts["write"].fill(**self.slots())
        schema = draft_schema([item["id"] for item in items])
        advice = _advice(material)
        told = "\n".join([*(self._prompts[name].text for name in advice), material_message(material, items)])
        front = self._prompts["write"].front
        prompt = Prompt(
            model, (rules,), (Message("user", (told,)),), schema, max_tokens=front.max_tokens, variety=front.variety
        )
        return AskedDraft(prompt, _read, ("write", "write_example", self._prompts.persona.name, *advice))

    def slots(self) -> dict[str, str]:
        """Return what fills the rules' slots: the same in every turn, so that they stay cached.

        The schema shown is the general one; the one that is enforced knows the turn's ids.
        """
        return {
            "schema": json.dumps(draft_schema(("...",))),
            "example": self._prompts["write_example"].text,
            "persona": self._prompts.persona.text,
        }


def _advice(material: Material) -> tuple[str, ...]:
    """Return the names of the templates for this kind of turn."""
    if material.proposal.intent == "explanation":
        return (EXPLANATION,)
    return (COLD_START,) if material.shown is not None and knows_nothing(material.context) else ()


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
