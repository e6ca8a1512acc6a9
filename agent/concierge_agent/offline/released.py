"""Conditions that are said again to be taken back: "it needn't be 4 to 5", "after 2020 isn't required any more"."""

import re
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.repeated import repeated
from concierge_agent.offline.vocabulary import Vocabulary

_LEAD = (
    r"^(?:(?:ok|okay|oh|no|actually|well|and|but|on second thoughts?|thinking about it|you know what|hmm|sorry|also|"
    r"please|now)[ ,]+)*"
)
_END = (
    r"(?:[ ,]+(?:after all|any ?more|any longer|now|either|then|please|thanks|for me|to me|really|so much|at all|"
    r"as such|so|too))*[ .!]*$"
)
_BE = r"(?:be|have|come|cost|weigh|last|feature|include|contain|offer|say|stay|star)"
_NO_NEED = (
    r"(?:need not|needn['’]?t|(?:does not|doesn['’]?t|do not|don['’]?t) (?:really )?(?:have|need) to|"
    r"no longer (?:has|have|needs?) to|need no longer)"
)
_NEEDED = (
    r"(?:required|needed|necessary|important|essential|crucial|relevant|mandatory|obligatory|a must|must|"
    r"a requirement|a condition|an issue|a concern|vital)"
)
_PATTERNS = tuple(
    re.compile(f"{_LEAD}{body}{_END}", re.IGNORECASE)
    for body in (
        rf"(?:(?:it|that|they|those|these|this|you|there)(?: all)? )?{_NO_NEED} (?:{_BE} )?(?P<old>.+?)",
        rf"(?P<old>.+?) (?:is|are|was|were)(?: not|n['’]?t| no longer)(?: so| that| really| as)? {_NEEDED}",
        r"(?P<old>.+?) (?:no longer matters?|"
        r"(?:does|do)(?: not|n['’]?t) matter|(?:is|are) (?:irrelevant|optional|off))",
        r"(?:i|we) (?:no longer|do not|don['’]?t) (?:really )?(?:need|insist on|require|care about|want)"
        rf"(?: (?:it|them) to {_BE})? (?P<old>.+?)",
        rf"(?:there is |there's )?no (?:longer a |more )?need (?:for it to {_BE}|for|to {_BE}|of) (?P<old>.+?)",
        r"(?:you can |you may |let['’]?s |let us )?"
        r"(?:forget|drop|scrap|ignore|disregard|lift|remove|take back|skip|lose)"
        r"(?: about| the)? (?P<old>.+?)"
        r"(?: (?:part|bit|condition|requirement|limit|thing|constraint|restriction|rule))?",
    )
)
_AGAINST = re.compile(r"\b(?:i|we) (?:do not|don['’]?t) (?:really )?want\b", re.IGNORECASE)
_LATER = re.compile(r"\b(?:after all|any ?more|any longer|no longer)\b", re.IGNORECASE)
_LENGTH = 160


async def released(context: TurnContext, words: Vocabulary) -> Reading | None:
    """Read a turn that repeats standing conditions only to take them back; None when it does anything else."""
    text = context.text.strip()
    if len(text) > _LENGTH or not context.conversation.ledger.active():
        return None
    if _AGAINST.search(text) and not _LATER.search(text):
        return None
    for pattern in _PATTERNS:
        found = pattern.match(text)
        gone = await repeated(replace(context, text=found["old"]), words) if found is not None else None
        if gone is not None:
            return Reading(text, dropped_bounds=list(gone.bounds), dropped_values=list(gone.values))
    return None
