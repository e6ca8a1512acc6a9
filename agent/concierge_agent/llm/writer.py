"""The writer: asks a model to word the answer from what the tools returned."""

from dataclasses import replace

from concierge_agent.answer import Draft
from concierge_agent.brain import Material, TurnContext
from concierge_agent.llm.client import ModelClient
from concierge_agent.llm.detailed_draft import DetailedDraft
from concierge_agent.llm.draft_form import AskedDraft, DraftForm
from concierge_agent.llm.exchange import ask_until_usable, objected
from concierge_agent.llm.meter import Meter
from concierge_agent.llm.model import OpenModel
from concierge_agent.llm.quick_draft import QuickDraft
from concierge_agent.llm.settings import ModelSettings
from concierge_agent.prompts.library import Prompts


class ModelWriter:
    """Writes with a model. What it drafts is unverified: its claims and items are the verifier's to judge."""

    def __init__(self, settings: ModelSettings, open_model: OpenModel, meter: Meter, prompts: Prompts) -> None:
        self._form: DraftForm = QuickDraft(prompts) if settings.quick else DetailedDraft(prompts)
        self._repair = prompts["repair"]
        self._settings = settings
        self._open_model = open_model
        self._meter = meter
        self._latest: tuple[TurnContext, AskedDraft] | None = None
        self.used: tuple[str, ...] = ()
        """The names of the templates that the latest draft was asked with."""

    async def write(self, material: Material) -> Draft:
        """Draft an answer. With `material.problems` the latest draft is repaired, if it was for the same turn.

        Raises `BudgetExceeded` when the turn used up its calls or tokens, and `BrainError` when the model could not be
        reached or gave nothing usable.
        """
        latest, self._latest = self._latest, None
        if material.problems and latest is not None and latest[0] is material.context:
            asked = latest[1]
        else:
            asked = self._form.asked(material, self._settings.write_model)
        if material.problems:
            asked = replace(
                asked,
                prompt=objected(asked.prompt, material.problems, self._repair),
                templates=tuple(dict.fromkeys((*asked.templates, self._repair.name))),
            )
        self.used = asked.templates
        async with self._open_model() as model:
            client = ModelClient(model, self._meter, room=self._settings.max_tokens)
            draft, prompt = await ask_until_usable(client, asked.prompt, asked.read, self._repair)
        self._latest = (material.context, replace(asked, prompt=prompt))
        return draft
