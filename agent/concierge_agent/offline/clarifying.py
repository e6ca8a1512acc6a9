"""What to ask, or say, when a turn is not understood, or is about what no catalog holds."""

import re
from dataclasses import replace

from concierge_agent.brain import TurnContext
from concierge_agent.conditions import conditions
from concierge_agent.offline.acts import asks_for_advice, spoken
from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.moves import LEAD, is_courtesy, tells
from concierge_agent.offline.reading import Reading
from concierge_agent.offline.text import Token
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.phrases import label, listing
from concierge_agent.values import FieldDescription, Option, Question

_OPTIONS = 6
UNANSWERED = "I did not recognise that as an answer."
_ALL_BUT = re.compile(
    r"^(?:ok |okay |well )*(?:everything|all|all of it|it is all)(?: is| was| looks)?(?: \w+)?"
    r" (?:except|but|apart from)\b"
)
_ONESELF = re.compile(
    rf"{LEAD}(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)) )?(?:i am|we are|i feel|we feel)"
    r" (?!(?:not|looking|searching|after|sure|thinking|interested)\b)"
)
_OFF_TOPIC = re.compile(
    r"^(?:(?:and|so|but|ok|okay|hey|please) )*(?:"
    r"(?:can|could|will|would) you (?:please )?(?!(?:please )?(?:recommend|suggest|show|find|give|list|help|pick|tell|"
    r"get|search|look|propose|name|choose|do)\b)\w+|"
    r"(?:what|who|when|where|how|why) (?:is|are|was|were|will|do|does|did|can|much|many)\b|"
    r"(?:do|does|are|is) (?:you|it)\b(?! (?:have|know|sell|carry|stock|recommend|suggest|offer|got)\b))"
)


def off_topic(reading: Reading, tokens: list[Token]) -> bool:
    """Whether a turn asks for what no catalog holds: a question or an errand of which nothing is understood."""
    understood = replace(reading, wishes=[], heads=[])
    plain = not understood.substantial and reading.act is None and not asks_for_advice(tokens)
    return plain and bool(_OFF_TOPIC.match(spoken(tokens)))


def tells_of_oneself(tokens: list[Token]) -> bool:
    """Whether a turn greets, or tells how the user is, and so is understood by a question of what they want."""
    found = [clause.words for clause in clauses(tokens) if not clause.asks]
    return bool(found) and all(_ONESELF.match(words) or is_courtesy(words) or tells(words) for words in found)


def again(question: Question, context: TurnContext) -> Question:
    """Return a question that was not answered, with its ways out in words."""
    turns = context.conversation.turns
    if not turns or UNANSWERED not in turns[-1].reply:
        aid = 'You can also say "no preference".'
    else:
        named = [str(option.value) for option in question.options[:3]]
        aid = f"Say one of them, such as {listing(named, 'or')}, or " if named else "Say "
        aid += '"no preference", and I will go on without it.'
    text = question.text if aid in question.text else f"{question.text} {aid}"
    return question.model_copy(update={"text": text})


def about_named_field(tokens: list[Token], words: Vocabulary) -> Question | None:
    """Return a question about the field that a turn names, with its commonest values; None when it names none."""
    named = (i for i in range(len(tokens)) if not _tells_an_age(tokens, i))
    field = next((f for i in named if (f := _askable(words.named_at(tokens, i))) is not None), None)
    if field is None:
        return None
    if _ALL_BUT.match(spoken(tokens)):
        return Question(field=field.name, text=f"What should be different about the {label(field.name)}?")
    options = [Option(value=counted.value, count=counted.count) for counted in field.top_values[:_OPTIONS]]
    measured = field.type in ("number", "date")
    text = f"What should the {label(field.name)} be?" if measured else f"Which {label(field.name)} would you like?"
    return Question(field=field.name, text=text, options=options)


async def narrowing(context: TurnContext, tokens: list[Token]) -> Question | None:
    """Return the question that narrows the catalog most, or None when there is none to ask."""
    ledger = context.conversation.ledger
    if not any(t.is_word for t in tokens) or "suggest_question" not in context.toolbox.tools:
        return None
    known = [constraint.field for constraint in ledger.constraints] + list(ledger.answers)
    filters = [constraint.model_dump() for constraint in conditions(ledger, context.catalog)]
    arguments = {"filters": filters, "known": list(dict.fromkeys(known))}
    result = await context.toolbox.call("suggest_question", arguments, step="clarify")
    if not (result.get("field") and result.get("text")):
        return None
    return Question.model_validate({k: result[k] for k in ("field", "text", "options") if result.get(k)})


def _tells_an_age(tokens: list[Token], i: int) -> bool:
    """Whether a word belongs to somebody's age: "a 6 year old", "she is 12 years old"."""
    after = [t.text for t in tokens[i + 1 : i + 3] if t.text != "-"]
    return tokens[i].text in ("year", "years", "month", "months") and after[:1] in (["old"], ["olds"])


def _askable(named: tuple[FieldDescription, int] | None) -> FieldDescription | None:
    if named is None or named[0].role == "availability" or named[0].type in ("boolean", "text"):
        return None
    return named[0]
