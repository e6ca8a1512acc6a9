"""Questions: which one to ask about a set of candidates next, or why to ask none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.data.phrases import field_words
from concierge_tools.elicitation.attribute import NO_ATTRIBUTES, Attribute, attributes
from concierge_tools.elicitation.belief import Belief, UserModel
from concierge_tools.elicitation.prompt import Chances, Option, Prompt
from concierge_tools.elicitation.value import Horizon, value_of_showing, values_of_asking

LEAST_GAIN = 0.3
"""Bits below which no question is worth the bother."""
_SAME = 9
"""Decimals to which two questions are worth the same; information decides between them."""


@dataclass(frozen=True, slots=True)
class Question:
    """The question worth asking next, or why there is none."""

    field: str | None = None
    text: str | None = None
    options: tuple[Option, ...] = ()
    gain: float | None = None
    """Expected information of a true answer, in bits."""
    stop: str | None = None
    """Why nothing is worth asking; None when there is a question."""


def next_question(
    catalog: Catalog,
    positions: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    known: Collection[str] = (),
    ask_first: Sequence[str] = (),
    horizon: Horizon | None = None,
) -> Question:
    """Choose the question whose answer is expected to bring what is looked for soonest into what is shown.

    Args:
        catalog: With live values laid over.
        positions: The candidates, shape (n,).
        weights: How likely each is to be what is looked for, shape (n,); equal when omitted.
        known: Fields that are not asked about again.
        ask_first: Fields that the owner wants answered before any other, in this order, whatever they are worth.
        horizon: How the candidates would be shown; when given, no question is asked where showing them is worth more.
            Without it, only fields are asked about whose answers can be taken in (`Attribute.askable`).
    """
    items = np.asarray(positions, np.int64)
    if len(items) == 0:
        return Question(stop="No candidates are left.")
    if len(items) == 1:
        return Question(stop="One candidate is left.")
    belief = Belief.prior(np.ones(len(items)) if weights is None else weights, uniform=0.0)
    for name in ask_first:
        if name not in known and (owed := _owed(catalog.field(name), catalog, items)) is not None:
            return _question(owed, belief.chances)
    if horizon is not None and len(items) <= horizon.shown:
        return Question(stop=f"The {len(items)} candidates that are left fit into one list.")
    chances = None if weights is None else belief.chances
    fields = attributes(catalog, items, known=known)
    asked = [field.prompt(chances) for field in fields if horizon is not None or field.askable()]
    prompts = [prompt for prompt in asked if prompt is not None]
    gains = [prompt.information(belief.chances) for prompt in prompts]
    telling = [(prompt, gain) for prompt, gain in zip(prompts, gains, strict=True) if gain >= LEAST_GAIN]
    if not telling:
        return Question(stop="The candidates are too much alike for a question to tell them apart.")
    plan = Horizon() if horizon is None else horizon
    values = values_of_asking(belief, [prompt for prompt, _ in telling], UserModel(), turn=0, horizon=plan)
    best = max(range(len(telling)), key=lambda i: (round(float(values[i]), _SAME), telling[i][1], -i))
    if horizon is not None and values[best] <= value_of_showing(belief, turn=0, horizon=plan):
        return Question(stop="Showing the best candidates now is worth more than another question.")
    return _question(telling[best][0], belief.chances)


def _owed(field: Field, catalog: Catalog, items: NDArray[np.int64]) -> Prompt | None:
    """Return the owner's question, whose ranges do not depend on what is likely, so that its words keep their sense."""
    return None if field.role in NO_ATTRIBUTES else Attribute(field, catalog, items).prompt()


def _question(prompt: Prompt, chances: Chances) -> Question:
    words = field_words(prompt.field.name)
    text = f"Should it be {words}?" if prompt.field.type == "boolean" else f"Which {words} would you like?"
    return Question(prompt.field.name, text, prompt.options, gain=prompt.information(chances))
